import EventModel

/// Why a file could not be read as a workflow.
public enum WorkflowFormatError: Error, Equatable, Sendable {
    /// The file has nothing in it.
    case empty
    /// The file is larger than ``WorkflowLimits/fileBytes``, or than ``WorkflowLimits/yamlBytes`` if it is YAML.
    case fileTooLarge(bytes: Int, limit: Int)
    /// The stored form is larger than ``WorkflowLimits/definitionBytes``, so it would not fit one event.
    case definitionTooLarge(bytes: Int, limit: Int)
    /// It looks like JSON but is not.
    case json(JSONFlaw)
    /// It looks like YAML but is not; line and column count from 1, 0 where unknown.
    case yaml(line: Int, column: Int, message: String)
    /// It is a ZIP archive.
    case archive
    /// It has none of the shapes of ``WorkflowFormat``; `found` are its top-level keys, or the kind of value it is.
    case unrecognised(found: [String])
    /// It has the marks of more than one format.
    case ambiguous([WorkflowFormat], found: [String])
    /// It has a shape that we know in a version that we do not.
    case unsupportedVersion(String, of: WorkflowFormat)
    /// It has a known shape, but these things are wrong with it: all at once, at most ``WorkflowLimits/findings``.
    case problems([WorkflowProblem], format: WorkflowFormat)
}

extension WorkflowFormatError: CustomStringConvertible {
    /// What is wrong and what to do next; one line for each problem.
    public var description: String {
        switch self {
        case .empty: "the file is empty; export the workflow again"
        case .fileTooLarge(let bytes, let limit): "the file has \(bytes) bytes, the limit is \(limit)"
        case .definitionTooLarge(let bytes, let limit):
            "the workflow has \(bytes) bytes as it is stored, and an event holds at most \(limit): "
                + "move large texts out of its blocks, or split it with a workflow block"
        case .json(let flaw): "this is not JSON: \(flaw)"
        case .yaml(let line, let column, let message): "this is not YAML: \(message) (line \(line), column \(column))"
        case .archive:
            "this is a ZIP archive inside of another; unpack it first (unzip FILE -d DIRECTORY) and name the workflow files inside"
        case .unrecognised(let found):
            "this is no workflow format we know: looked for \(Self.shapes), found \(Self.list(found)); "
                + "export it from Sim as JSON or YAML"
        case .ambiguous(let formats, let found):
            "this could be \(formats.map(\.rawValue).joined(separator: " or ")): found \(Self.list(found)); "
                + "leave only one of them in the file"
        case .unsupportedVersion(let version, let format):
            "this is \(format.rawValue) but says version \"\(version)\"; only 1.0 is known"
        case .problems(let problems, _): problems.map(\.description).joined(separator: "\n")
        }
    }

    private static let shapes = "state, data.state, blocks with edges, blocks with connections"

    private static func list(_ found: [String]) -> String {
        guard !found.isEmpty else { return "nothing" }
        let shown = found.prefix(12).map { "\"\($0.prefix(40))\"" }.joined(separator: ", ")
        return found.count > 12 ? "\(shown) and \(found.count - 12) more" : shown
    }
}
