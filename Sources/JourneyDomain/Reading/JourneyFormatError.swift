import EventModel

/// Why a file could not be read as a journey.
public enum JourneyFormatError: Error, Equatable, Sendable {
    /// The file is larger than ``JourneyLimits/fileBytes``.
    case fileTooLarge(bytes: Int, limit: Int)
    /// The stored form is larger than ``JourneyLimits/definitionBytes``, so it would not fit one event.
    case definitionTooLarge(bytes: Int, limit: Int)
    /// It was written by somebody who could not see what people have written into the journey, because that was sealed or erased.
    case incomplete
    /// It is a ZIP archive, or is called YAML; workflows come so, journeys do not.
    case notJSON
    /// It is not JSON.
    case json(JSONFlaw)
    /// It has none of the shapes of ``JourneyFormat``; `found` are its top-level keys, or the kind of value it is.
    case unrecognised(found: [String])
    /// It has the marks of more than one form.
    case ambiguous([JourneyFormat], found: [String])
    /// It has a known shape, but these things are wrong with it: all at once, at most ``JourneyLimits/findings``.
    case problems([JourneyProblem], format: JourneyFormat)
}

extension JourneyFormatError: CustomStringConvertible {
    /// What is wrong and what to do next; one line for each problem.
    public var description: String {
        switch self {
        case .fileTooLarge(let bytes, let limit): "the file has \(bytes) bytes, the limit is \(limit)"
        case .definitionTooLarge(let bytes, let limit):
            "the journey has \(bytes) bytes as it is stored, and an event holds at most \(limit): shorten its texts or split it"
        case .incomplete:
            "the file says that what people have written was sealed or erased when it was exported, so its actions and conditions are missing; "
                + "export it again with the right to see them"
        case .notJSON:
            "this is no JSON, and journeys are taken as JSON, one in a file: what `lockstep export journey` writes, or Parlant's answer with the graph; "
                + "name such a file (YAML and ZIP are taken for workflows alone)"
        case .json(let flaw): "this is not JSON: \(flaw)"
        case .unrecognised(let found):
            "this is no form of a journey that we know: looked for journey with nodes, title with root_id and nodes, or title with "
                + "conditions, found \(Self.list(found)); export it again"
        case .ambiguous(let formats, let found):
            "this could be \(formats.map(\.rawValue).joined(separator: " or ")): found \(Self.list(found)); "
                + "leave only one of them in the file"
        case .problems(let problems, _): problems.map(\.description).joined(separator: "\n")
        }
    }

    private static func list(_ found: [String]) -> String {
        guard !found.isEmpty else { return "nothing" }
        let shown = found.prefix(12).map { "\"\($0.prefix(40))\"" }.joined(separator: ", ")
        return found.count > 12 ? "\(shown) and \(found.count - 12) more" : shown
    }
}
