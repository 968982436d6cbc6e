import EventModel
import EventSourcing
import FoundationEssentials

/// What became of an erasure, or would: always the same keys, `null` where one has no meaning.
struct ErasureAnswer: Sendable {
    /// Streams that a dry run names; their number is always told.
    static let shownStreams = 1_000

    private let subject: DataSubject
    private let workspace: Workspace
    private var outcome: String
    private var keys: [Int32] = []
    private var extent = SubjectErased.Extent()
    private var streamCount = 0
    private var first: GlobalPosition?
    private var last: GlobalPosition?
    private var through: GlobalPosition?
    private var receipt: (event: SubjectErased, position: GlobalPosition)?
    private var survey: ErasureSurvey?
    private let plain: PlainFindings

    init(_ outcome: ErasureOutcome, of subject: DataSubject, _ plain: PlainFindings, in workspace: Workspace) {
        self.subject = subject
        self.plain = plain
        self.workspace = workspace
        switch outcome {
        case .erased(let event, let position): self.outcome = "erased"; receipt = (event, position)
        case .erasedBefore(let event, let position): self.outcome = "erased_before"; receipt = (event, position)
        case .unknownSubject: self.outcome = "unknown"
        }
        guard let event = receipt?.event else { return }
        keys = event.keys
        extent = event.extent
        streamCount = event.receipt?.streams ?? 0
        (first, last, through) = (event.receipt?.first, event.receipt?.last, event.through)
    }

    init(_ survey: ErasureSurvey, _ plain: PlainFindings, in workspace: Workspace) {
        subject = survey.subject
        self.plain = plain
        self.workspace = workspace
        outcome = survey.keys.isEmpty ? (survey.destroyed.isEmpty ? "unknown" : "nothing_left") : "would_erase"
        keys = survey.keys
        extent = survey.findings.extent
        streamCount = survey.findings.streams.count
        (first, last, through) = (survey.findings.first, survey.findings.last, survey.findings.through)
        self.survey = survey
    }

    var isYes: Bool { outcome != "unknown" }

    func give(asJSON: Bool) {
        if asJSON { Answers.object(write) } else { lines(.output).forEach { StandardOutput.shared.write($0) } }
    }

    private func write(_ object: inout JSONWriter) {
        object.member("subject", subject.text)
        object.member("workspace", workspace.rawValue)
        object.member("outcome", outcome)
        object.key("keys")
        object.array { list in for key in keys { list.string(String(key)) } }
        object.member("streams", streamCount)
        object.member("events", extent.events)
        object.member("values", extent.values)
        object.member("bytes", extent.bytes)
        object.member("first_position", first?.rawValue)
        object.member("last_position", last?.rawValue)
        object.member("through", through?.rawValue)
        object.member("erasure", receipt?.event.erasure)
        object.member("receipt_stream", receipt.map { _ in subject.stream(in: workspace).rawValue })
        object.member("receipt_position", receipt?.position.rawValue)
        object.member("streams_digest", receipt?.event.receipt?.streamsDigest.hexadecimal)
        object.member("reason", receipt?.event.receipt?.reason)
        object.key("plain")
        object.object { object in
            object.member("events", plain.events)
            object.member("streams", plain.streams.count)
            object.member("first_position", plain.first?.rawValue)
            object.member("last_position", plain.last?.rawValue)
            object.key("types")
            object.list(plain.types.sorted { $0.key < $1.key }) { $0.pair("type", $1.key.rawValue, $1.value) }
        }
        object.key("stream_names")
        object.list(survey?.findings.names.prefix(Self.shownStreams)) { $0.string($1.rawValue) }
        object.key("types")
        object.list(survey?.findings.types.sorted { $0.key < $1.key }) { $0.pair("type", $1.key.rawValue, $1.value) }
        object.key("linked")
        object.list(survey?.linked.sorted { $0.key.text < $1.key.text }) { $0.pair("subject", $1.key.text, $1.value) }
    }

    private func lines(_ style: Style) -> [String] { sealedLines(style) + plainLines(style) }

    /// What stays although it is personal: nobody should believe it destroyed.
    private func plainLines(_ style: Style) -> [String] {
        guard plain.events > 0, let first = plain.first, let last = plain.last else { return [] }
        let verb = survey == nil ? "left" : "would be left"
        return [
            "\(style.warning("\(verb) in plain")): \(Counted.of(plain.events, "event")) of \(Counted.of(plain.streams.count, "stream")), positions \(first) to \(last), "
                + "from before such data were sealed; no erasure destroys them"
        ] + plain.types.sorted { $0.key < $1.key }.map { "  \($0.value) × \($0.key)" }
    }

    private func sealedLines(_ style: Style) -> [String] {
        let name = Table.printable(subject.text)
        let data =
            "\(Counted.of(extent.values, "value")) in \(Counted.of(extent.events, "event")) of \(Counted.of(streamCount, "stream")), \(Counted.of(extent.bytes, "byte"))"
        let range = first.flatMap { first in last.map { ", positions \(first) to \($0)" } } ?? ""
        switch outcome {
        case "unknown": return ["\(style.warning("unknown")): nothing is sealed for \(name) in workspace \(workspace)"]
        case "nothing_left": return ["nothing is left of \(name): all keys are destroyed"]
        case "would_erase": return ["would erase \(style.strong(name)): \(data)\(range)"] + details(style)
        default:
            let position = receipt?.position.description ?? "-"
            let title = outcome == "erased" ? style.good("erased") : style.good("erased before")
            return [
                "\(title) \(style.strong(name)): \(data)\(range)",
                "  receipt at position \(position), stream \(subject.stream(in: workspace))",
            ]
        }
    }

    private func details(_ style: Style) -> [String] {
        guard let survey else { return [] }
        var lines = survey.findings.types.sorted { $0.key < $1.key }.map { "  \($0.value) × \($0.key)" }
        lines += survey.findings.names.prefix(20).map { "  \(style.faint($0.rawValue))" }
        if streamCount > 20 { lines.append("  … and \(streamCount - 20) more; --json lists \(Self.shownStreams)") }
        guard !survey.linked.isEmpty else { return lines }
        lines.append("linked by a common key, and erased only with --with-linked:")
        return lines
            + survey.linked.sorted { $0.key.text < $1.key.text }.map {
                "  \(Table.printable($0.key.text)) in \(Counted.of($0.value, "event"))"
            }
    }
}

extension JSONWriter {
    /// An array of what there is; `null` when there is nothing to list.
    fileprivate mutating func list<Items: Collection>(
        _ items: Items?, _ write: (inout JSONWriter, Items.Element) -> Void
    ) {
        guard let items else { return null() }
        array { list in for item in items { write(&list, item) } }
    }

    fileprivate mutating func pair(_ name: StaticString, _ text: String, _ events: Int) {
        beginObject()
        member(name, text)
        member("events", events)
        endObject()
    }
}
