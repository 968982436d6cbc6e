import EventModel
import EventSourcing
import JourneyDomain
import PostgresDriver
import PostgresEventStore

/// What people said is nowhere in plain, opens for whoever has the key, and is found by an erasure.
struct PrivacyCheck: Sendable {
    /// What customers and agents wrote, what they are called, and the addresses that executions worked with.
    let sentences: [String]
    /// The recording whose customer an erasure is surveyed for.
    private let surveyed: DemoRecording

    /// - Parameter workflows: their own texts are not anybody's in particular.
    init(_ recordings: [DemoRecording], besides workflows: [DemoWorkflow], surveying surveyed: DemoRecording) throws {
        self.surveyed = surveyed
        var found: Set<String> = []
        for contents in try recordings.flatMap({ try $0.executionReports() }).map(\.contents) {
            for value in [contents.input, contents.output, contents.error] {
                found.formUnion(value.map(Self.addresses) ?? [])
            }
        }
        found = found.filter { text in
            !workflows.contains { $0.bytes.firstRange(of: Array(text.utf8)) != nil }
        }
        for input in try recordings.flatMap({ try $0.sessionReports() }).flatMap(\.inputs) {
            guard case .event(let event, _, _) = input, case .message(let message) = event.content else { continue }
            found.formUnion([message.text.string, message.name?.string].compactMap(\.self))
        }
        sentences = found.filter(Self.isTelling).sorted()
    }

    /// Whether finding the text says anything: a short word of letters stands in base64 by chance, and so in what is sealed.
    private static func isTelling(_ text: String) -> Bool {
        text.utf8.count >= 12
            || !text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
    }

    /// Texts in which there is an address.
    private static func addresses(in value: JSONValue) -> [String] {
        switch value {
        case .string(let text): text.contains("@") ? [text] : []
        case .array(let values): values.flatMap(addresses)
        case .object(let object): object.members.flatMap { addresses(in: $0.value) }
        case .null, .bool, .number: []
        }
    }

    /// - Parameters:
    ///   - values: what the topic holds.
    ///   - sealed: the log as it is stored.
    ///   - opened: the log as it is for whoever has the key.
    func run(
        topic values: [[UInt8]], sealed: PostgresEventStore, opened: SealedLog, on connection: PostgresConnection,
        _ report: DemoReport
    ) async throws {
        let views = try await names(on: connection)
        let inViews = try await count(in: views, on: connection)
        let inLog = try await count(in: ["lockstep.event_log"], on: connection)
        let inTopic = Int64(values.count(where: holds))
        let readable = try await opens(opened)
        report.check(
            "nothing that people said is in plain in the log, in the topic or in a read model",
            inLog + inViews + inTopic == 0 && readable > 0 && !sentences.isEmpty && !values.isEmpty,
            inLog + inViews + inTopic == 0
                ? "looked for \(sentences.count) sentences, names and addresses; \(readable) events hold them for whoever has the key"
                : "in plain: \(inLog) events of the log, \(inTopic) records of the topic, \(inViews) rows of views")
        try await survey(sealed, report)
    }

    /// What an erasure of one customer would destroy. Nothing is erased.
    private func survey(_ store: PostgresEventStore, _ report: DemoReport) async throws {
        guard let first = try surveyed.sessionReports().first, let execution = first.execution,
            case .description(let description)? = first.inputs.first, let customer = description.customer
        else { return report.check("a customer can be found", false, "\(surveyed.conversation.name) names none") }
        let subject = try DataSubject("customer:\(customer)")
        let survey = try await SubjectEraser(store, keys: store, workspace: .default).survey(subject)
        let expected = [try DemoStream.conversation(first.session), try DemoStream.session(execution)]
        let found = Self.verdict(on: survey, expecting: expected)
        report.check(
            "an erasure of \(subject.text) \(found.isErased ? "has left nothing to find" : "would find both sides of the conversation")",
            found.isRight, found.detail)
    }

    /// Whether a survey finds the customer in the streams that hold the customer's data; one whom somebody has erased, as it may be done in any
    /// log, is found nowhere.
    static func verdict(
        on survey: ErasureSurvey, expecting streams: [StreamName]
    ) -> (isRight: Bool, isErased: Bool, detail: String) {
        if !survey.destroyed.isEmpty {
            let count = survey.destroyed.count
            return (
                Set(survey.findings.names).isSubset(of: streams), true,
                "erased already: \(count == 1 ? "the key is" : "\(count) keys are") destroyed, \(survey.findings.extent.values) values remain"
            )
        }
        let extent = survey.findings.extent
        return (
            Set(survey.findings.names) == Set(streams) && survey.keys.count == 1, false,
            "\(extent.values) values in \(extent.events) events of \(survey.findings.names.map(\.rawValue).joined(separator: " and ")), under one key"
        )
    }

    private func holds(_ bytes: [UInt8]) -> Bool {
        sentences.contains { bytes.firstRange(of: Array($0.utf8)) != nil }
    }

    private func opens(_ log: SealedLog) async throws -> Int {
        var count = 0
        var query: EventQuery? = EventQuery()
        while let current = query {
            let page = try await log.read(current)
            count += page.events.count { holds($0.data) }
            query = current.next(after: page)
        }
        return count
    }

    private func names(on connection: PostgresConnection) async throws -> [String] {
        let rows = try await connection.query(
            "select quote_ident(table_schema) || '.' || quote_ident(table_name) from information_schema.views where table_schema = 'lockstep_views'"
        )
        return try (0..<rows.rowCount).map { try rows.text($0, 0) }
    }

    /// Rows that hold a sentence, in their text or in their bytes.
    private func count(in views: [String], on connection: PostgresConnection) async throws -> Int64 {
        let list = JSONValue.array(sentences.map(JSONValue.string)).compactBytes()
        var count: Int64 = 0
        for view in views {
            let holds =
                view == "lockstep.event_log"
                ? "position(convert_to(said, 'UTF8') in v.data_raw) > 0" : "strpos(v::text, said) > 0"
            var parameters = PostgresParameters()
            parameters.append(String(decoding: list, as: UTF8.self))
            let rows = try await connection.query(
                PostgresStatement(
                    """
                    select count(*) from \(view) v
                     where exists (select from json_array_elements_text($1::json) said where \(holds))
                    """), parameters)
            count += try rows.int64(0, 0)
        }
        return count
    }
}
