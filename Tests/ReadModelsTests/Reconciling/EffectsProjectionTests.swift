import EventModel
import FoundationEssentials
import ReadModels
import Testing

@Suite struct `Effects projection` {
    private let projection = EffectsProjection()
    private static let id = "0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e02"

    private static let requested = fact(
        "requested",
        """
        ,"side":"workflow","action":"resume","kind":"keyed","fields":[{"path":"inputs/ask","members":["email"]},{"path":"inputs/ask","members":["name"]},\
        {"path":"steps/ask"}],"resolutions":["0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01"],"attempt":2,"deadline":"2026-03-01T10:00:30Z","block":"ask",\
        "context":"ctx-1","input":{"email":"b@example.org"},"subject":"customer:c"
        """)

    private static func fact(_ type: String, _ more: String) -> Fact {
        Fact("reconciliation-e", "reconciliation.effect_\(type)", #"{"effect":"\#(id)"\#(more)}"#)
    }

    private static let sent = fact("sent", #","times":1,"at":"2026-03-01T10:00:01Z""#)
    private static let unknown = fact("unknown", #","because":"no echo","at":"2026-03-01T10:00:02Z""#)
    private static let confirmed = fact("confirmed", #","by":"probe","at":"2026-03-01T10:00:03Z""#)
    private static let stale = fact("stale", #","reason":"refused","because":"it said no","at":"2026-03-01T10:00:04Z""#)

    private func row(_ facts: [Fact]) throws -> [String: ColumnValue] {
        let rows = try projection.view(facts).values.map { row in
            Dictionary(uniqueKeysWithValues: zip(projection.table.columns.map(\.name), row.values))
        }
        #expect(rows.count == 1)
        return rows.first ?? [:]
    }

    @Test func `a request makes a row that says what is to be done, without what is told`() throws {
        let row = try row([Self.requested])
        let expected: [String: ColumnValue] = [
            "workspace": .text("default"), "execution_id": .text("e"),
            "id": .uuid(try #require(UUID(uuidString: Self.id))), "side": .text("workflow"),
            "action": .text("resume"), "kind": .text("keyed"), "journey": .null, "target": .text("ask"),
            "fields": .json(Array(#"["inputs/ask","steps/ask"]"#.utf8)),
            "resolutions": .json(Array(#"["0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01"]"#.utf8)), "attempt": .int(2),
            "state": .text("requested"), "times": .int(0), "witness": .null, "reason": .null, "because": .null,
            "deadline": .timestamp(try #require(Timestamp(rfc3339: "2026-03-01T10:00:30Z"))),
            "requested_at": .timestamp(moment(1)), "sent_at": .null, "ended_at": .null, "first_position": .int(1),
            "last_position": .int(1),
        ]
        for (name, value) in expected { #expect(row[name] == value, "\(name)") }
        #expect(row.count == expected.count)
    }

    @Test func `it is sent, then nobody knows, then it is known`() throws {
        let sent = try row([Self.requested, Self.sent])
        #expect(sent["state"] == .text("sent") && sent["times"] == .int(1) && sent["sent_at"] == .timestamp(moment(2)))
        let unknown = try row([Self.requested, Self.sent, Self.unknown])
        #expect(unknown["state"] == .text("unknown") && unknown["because"] == .text("no echo"))
        #expect(unknown["ended_at"] == .null && unknown["sent_at"] == .timestamp(moment(2)))
        let confirmed = try row([Self.requested, Self.sent, Self.unknown, Self.confirmed])
        #expect(confirmed["state"] == .text("confirmed") && confirmed["witness"] == .text("probe"))
        #expect(confirmed["because"] == .null && confirmed["ended_at"] == .timestamp(moment(4)))
        #expect(confirmed["last_position"] == .int(4) && confirmed["first_position"] == .int(1))
    }

    @Test func `what has come to nothing says why, and does not go on`() throws {
        let stale = try row([Self.requested, Self.stale])
        #expect(stale["state"] == .text("stale") && stale["reason"] == .text("refused"))
        #expect(stale["because"] == .text("it said no") && stale["ended_at"] == .timestamp(moment(2)))
        #expect(try row([Self.requested, Self.stale, Self.sent, Self.confirmed, Self.requested]) == stale)
    }

    @Test func `what was never requested makes no row`() throws {
        #expect(try projection.view([Self.sent, Self.unknown, Self.confirmed, Self.stale]).isEmpty)
    }

    @Test(arguments: [
        ("requested", ""), ("requested", #","side":7"#), ("sent", ""), ("stale", #","reason":"refused""#),
        ("confirmed", ""), ("unknown", ""),
    ])
    func `what its schema does not allow is a fault`(_ type: String, _ more: String) {
        #expect(throws: ProjectionFault.self) {
            try projection.view([Self.requested, Self.fact(type, more)].suffix(type == "requested" ? 1 : 2))
        }
        #expect(
            projection.fault(Fact("reconciliation-e", "reconciliation.effect_\(type)", "{}")) == .missingField("effect")
        )
    }
}
