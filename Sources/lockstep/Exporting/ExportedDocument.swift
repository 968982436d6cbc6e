import ArgumentParser
import EventModel
import JourneyDomain
import WorkflowDomain

/// A definition as it is written to a file, and what the file does not hold.
struct ExportedDocument: Sendable {
    /// How a journey is written.
    enum JourneyForm: String, ExpressibleByArgument, CaseIterable {
        /// Ours; holds everything.
        case journey = "lockstep-journey"
        /// The body that sets Parlant's graph.
        case graph = "parlant-graph"
        /// What Parlant draws.
        case mermaid
    }

    /// Places that are listed; more are counted.
    private static let listed = 100

    let id: String
    let format: String
    let bytes: [UInt8]
    /// What is not in it, a line for each.
    let losses: [String]
    let lossCount: Int
    /// How what is hidden can be had; `nil` when nothing is.
    private let rightNeeded: String?
    /// The imported file that it is; `nil` when it was written anew.
    private let original: ImportedFile?

    init(_ written: WrittenWorkflow, of definition: WorkflowDefinition, id: String) {
        self.id = id
        format = written.format.rawValue
        bytes = written.bytes
        var losses = written.losses.map(\.description)
        if written.hiddenValues > 0 {
            losses.insert(
                "\(Counted.of(written.hiddenValues, "value")) \(written.hiddenValues == 1 ? "is" : "are") sealed or erased",
                at: 0)
        }
        self.losses = losses
        lossCount = written.lossCount + (written.hiddenValues > 0 ? 1 : 0)
        rightNeeded = written.hiddenValues > 0 ? Self.right(toSeeErased: definition.hasErasedValues) : nil
        original = nil
    }

    init(_ content: JourneyContent, as form: JourneyForm, id: String) {
        let journey = content.definition
        self.id = id
        format = form.rawValue
        bytes =
            switch form {
            case .journey:
                journey.file(id: id, base: content.isHidden ? nil : content.digest, hidden: content.hidden?.form)
            case .graph: journey.graphBody.canonicalBytes()
            case .mermaid: Array(journey.mermaid.utf8)
            }
        losses = content.isHidden ? ["what people have written is sealed or erased"] : []
        lossCount = losses.count
        rightNeeded = content.isHidden ? Self.right(toSeeErased: content.isErased) : nil
        original = nil
    }

    init(_ file: ImportedFile, id: String) {
        self.id = id
        format = file.format
        bytes = file.bytes
        losses = []
        lossCount = 0
        rightNeeded = nil
        original = file
    }

    /// What a file gets: an imported one its own bytes and no more, a text a line break at its end.
    var fileBytes: [UInt8] { original == nil ? bytes + [UInt8(ascii: "\n")] : bytes }

    /// What was written, in a line.
    var summary: String {
        guard let original else { return "\(format), \(Counted.of(bytes.count, "byte"))" }
        return
            "the file of revision \(original.revision) as it was imported\(original.name.map { ", \($0)" } ?? ""), \(format), \(Counted.of(bytes.count, "byte")), SHA-256 \(original.digest.hexadecimal)"
    }

    /// What a reader should know of a file that is not the workflow, or the journey, as it is now.
    var remark: String? {
        guard let original, original.revision < original.newestRevision else { return nil }
        return
            "this is the file of revision \(original.revision); the \(original.kind) has changed since, its newest revision is \(original.newestRevision)"
    }

    private static func right(toSeeErased isErased: Bool) -> String {
        isErased
            ? "import it anew, for what is erased nobody can see"
            : "set LOCKSTEP_MASTER_KEY_FILE or LOCKSTEP_MASTER_KEY to the key that it was sealed with"
    }

    /// Why it is not written unasked.
    var refusal: Failure {
        Failure(
            .no,
            "as \(format), \(lossCount == 1 ? "1 thing" : "\(lossCount) things") would be missing: \(losses.prefix(3).joined(separator: ", "))",
            hint: "\(rightNeeded ?? "choose a format that holds more"), or add --incomplete")
    }

    func json(out: String?) -> [UInt8] {
        Answers.line { object in
            object.member("id", id)
            object.member("format", format)
            object.member("bytes", bytes.count)
            object.member("out", out)
            object.member("document", out == nil ? String(decoding: bytes, as: UTF8.self) : nil)
            object.member("missing", lossCount)
            object.key("losses")
            object.array { list in for loss in losses.prefix(Self.listed) { list.string(loss) } }
            object.key("original")
            guard let original else { return object.null() }
            object.beginObject()
            object.member("revision", original.revision)
            object.member("newest_revision", original.newestRevision)
            object.member("name", original.name)
            object.member("digest", original.digest.hexadecimal)
            object.endObject()
        }
    }
}
