import EventModel

/// The row of a divergence while an event is folded into it.
struct DivergenceRow {
    private(set) var row: Row
    private let fields: DivergenceFields
    private let event: RecordedEvent

    /// The row as it was, or a new one of what the event has found.
    init(_ known: Row?, _ fields: DivergenceFields, _ event: RecordedEvent) throws(ProjectionFault.Reason) {
        self.fields = fields
        self.event = event
        row = if let known { known } else { try Self.found(fields, event) }
    }

    private static func found(
        _ fields: DivergenceFields, _ event: RecordedEvent
    ) throws(ProjectionFault.Reason) -> Row {
        var row = Row(Array(repeating: .null, count: DivergenceColumn.allCases.count))
        func set(_ column: DivergenceColumn, _ value: ColumnValue) { row[column] = value }
        set(.workspace, .text(event.workspace.rawValue))
        set(.executionID, .text(event.syncKey))
        set(.id, .uuid(try fields.id()))
        set(.workflowID, try fields.text("compared", "mapping"))
        set(.field, .text(try fields.payload.text("path")))
        set(.members, fields.json("members"))
        set(.kind, .text(try fields.payload.text("kind")))
        set(.side, ColumnValue(try fields.payload.optionalText("side")))
        set(.base, try fields.said("base"))
        set(.workflow, try fields.said("workflow"))
        set(.workflowPosition, try fields.number("workflow", "position"))
        set(.workflowActor, try fields.text("workflow", "actor"))
        set(.journey, try fields.said("journey"))
        set(.journeyPosition, try fields.number("journey", "position"))
        set(.journeyActor, try fields.text("journey", "actor"))
        set(.workflowSubject, .text(try fields.payload.text("workflow_subject")))
        set(.journeySubject, .text(try fields.payload.text("journey_subject")))
        set(.workflowVersion, try fields.number("compared", "workflow"))
        set(.journeyVersion, try fields.number("compared", "journey"))
        set(.mappingVersion, try fields.number("compared", "mapping_version"))
        set(.effects, .json(Array("[]".utf8)))
        set(.history, .json(Array("[]".utf8)))
        set(.openedBy, ColumnValue(event.actor))
        set(.openedAt, .timestamp(event.recordedAt))
        set(.firstPosition, .int(event.position.rawValue))
        set(.lastPosition, .int(event.position.rawValue))
        return row
    }

    /// The conflict waits for a person.
    mutating func wait() throws(ProjectionFault.Reason) {
        row[DivergenceColumn.state] = .text("open")
        row[DivergenceColumn.reason] = .text(try fields.payload.text("reason"))
        row[DivergenceColumn.attempts] = try fields.number("attempts")
        row[DivergenceColumn.history] = fields.json("history", orElse: "[]")
        try rule()
    }

    /// A side's word, or another one, stands.
    mutating func decide() throws(ProjectionFault.Reason) {
        let winner = try fields.payload.optionalText("winner")
        row[DivergenceColumn.state] = .text("resolved")
        row[DivergenceColumn.outcome] = try outcome(winner)
        row[DivergenceColumn.winner] = ColumnValue(winner)
        row[DivergenceColumn.loser] = ColumnValue(try winner.map(Self.other))
        row[DivergenceColumn.owner] = ColumnValue(try fields.payload.optionalText("owner"))
        row[DivergenceColumn.cause] = .text(try fields.payload.text("cause"))
        row[DivergenceColumn.decision] = ColumnValue(try fields.payload.optionalID("resolution"))
        row[DivergenceColumn.reverses] = ColumnValue(try fields.payload.optionalID("reverses"))
        row[DivergenceColumn.effects] = fields.json("effects", orElse: "[]")
        try rule()
        row.settle(by: event)
    }

    /// Each side goes on saying what it says.
    mutating func accept() throws(ProjectionFault.Reason) {
        row[DivergenceColumn.state] = .text("accepted")
        row[DivergenceColumn.cause] = .text(fields.payload["rule"] == nil ? "person" : "comparison")
        row[DivergenceColumn.decision] = ColumnValue(try fields.payload.optionalID("divergence"))
        try rule()
        row.settle(by: event)
    }

    /// A person may settle what a rule has sent to them: then the row goes on saying which.
    private mutating func rule() throws(ProjectionFault.Reason) {
        guard fields.payload["rule"] != nil else { return }
        row[DivergenceColumn.rule] = try fields.text("rule", "name")
        row[DivergenceColumn.rulePlace] = try fields.number("rule", "place")
        row[DivergenceColumn.policy] = try fields.text("rule", "policy")
        row[DivergenceColumn.policyVersion] = try fields.number("rule", "version")
    }

    private func outcome(_ winner: String?) throws(ProjectionFault.Reason) -> ColumnValue {
        if fields.payload["given"] != nil { return try fields.said("given") }
        return switch winner {
        case "workflow": try fields.said("workflow")
        case "journey": try fields.said("journey")
        default: .null
        }
    }

    private static func other(_ side: String) throws(ProjectionFault.Reason) -> String {
        switch side {
        case "workflow": "journey"
        case "journey": "workflow"
        default: throw .wrongType(field: "winner", expected: "a side", found: "another text")
        }
    }
}

extension Row {
    /// The event ends what was open.
    mutating func settle(by event: RecordedEvent) {
        self[DivergenceColumn.settledBy] = ColumnValue(event.actor)
        self[DivergenceColumn.settledAt] = .timestamp(event.recordedAt)
        self[DivergenceColumn.lastPosition] = .int(event.position.rawValue)
    }
}
