import EventModel

/// The row of a session while an event is folded into it.
struct SessionRow {
    private(set) var row: Row

    /// The row as it was, or that of a session of which nothing is known but its stream.
    init(_ known: Row?, _ event: RecordedEvent) {
        row = known ?? Self.first(event)
        row[SessionColumn.lastPosition] = .int(event.position.rawValue)
        row[SessionColumn.updatedAt] = .timestamp(event.recordedAt)
    }

    /// The row of a session of which nothing is known but its stream.
    static func first(_ event: RecordedEvent) -> Row {
        var row = Row(Array(repeating: .null, count: SessionColumn.allCases.count))
        let key = ColumnValue.text(event.syncKey)
        let category = event.category.rawValue
        row[SessionColumn.workspace] = .text(event.workspace.rawValue)
        row[SessionColumn.category] = .text(category)
        row[SessionColumn.key] = key
        row[category == SessionsProjection.execution ? SessionColumn.executionID : .sessionID] = key
        row[SessionColumn.bindings] = .json(Array("{}".utf8))
        row[SessionColumn.positions] = .json(Array("{}".utf8))
        row[SessionColumn.journeys] = .json(Array("[]".utf8))
        row[SessionColumn.status] = .text("open")
        for column in [
            SessionColumn.messages, .toolCalls, .inputs, .turnsCompleted, .turnsFailed, .turnsCancelled, .rewinds,
        ] { row[column] = .int(0) }
        row[SessionColumn.firstPosition] = .int(event.position.rawValue)
        row[SessionColumn.startedAt] = .timestamp(event.recordedAt)
        return row
    }

    private static let shape: PayloadShape = [
        ["engine"], ["session"], ["agent"], ["mode"], ["subject"], ["execution"], ["journeys"], ["history"],
        ["event", "offset"], ["event", "source"], ["offset"], ["corrected"], ["journey"], ["state"], ["from"],
        ["before"],
        ["gone", "completed"], ["gone", "failed"], ["gone", "cancelled"], ["reason"],
    ]

    /// Folds one event in.
    mutating func take(_ event: RecordedEvent) throws(ProjectionFault.Reason) {
        guard let name = SessionEventName(event.type) else { return }
        let fields = try PayloadFields(Self.shape, of: event)
        switch name {
        case .described: try describe(fields)
        case .bound: try bind(fields)
        case .messagePosted: try post(fields)
        case .toolCalled: try report(fields, .toolCalls)
        case .inputCollected: try report(fields, .inputs)
        case .customPosted, .statusReported, .eventReported: try report(fields, nil)
        case .eventAmended, .pathsReported, .journeyRenumbered: break
        case .turnCompleted: try end(fields, .turnsCompleted)
        case .turnFailed: try end(fields, .turnsFailed)
        case .turnCancelled: try end(fields, .turnsCancelled)
        case .stateEntered: try enter(fields)
        case .stateLeft: try leave(fields)
        case .rewound: try rewind(fields)
        case .modeChanged: row[SessionColumn.mode] = .text(try fields.text("mode"))
        case .closed: row[SessionColumn.closedReason] = .text(try fields.text("reason"))
        }
        settle()
    }

    /// An answer behind the last question leaves the customer to speak.
    private mutating func settle() {
        let isAnswered = offset(.answeredOffset).map { $0 > offset(.askedOffset) ?? -1 } ?? false
        let isClosed = row[SessionColumn.closedReason] != .null
        row[SessionColumn.status] = .text(isClosed ? "closed" : isAnswered ? "waiting" : "open")
    }
}

extension SessionRow {
    private mutating func describe(_ fields: PayloadFields) throws(ProjectionFault.Reason) {
        row[SessionColumn.engine] = .text(try fields.text("engine"))
        row[SessionColumn.sessionID] = .text(try fields.text("session"))
        row[SessionColumn.subject] = .text(try fields.text("subject"))
        if let agent = try fields.optionalText("agent") { row[SessionColumn.agent] = .text(agent) }
        if let mode = try fields.optionalText("mode") { row[SessionColumn.mode] = .text(mode) }
    }

    /// What a conversation has gone through before counts for the execution that it is bound to.
    private mutating func bind(_ fields: PayloadFields) throws(ProjectionFault.Reason) {
        let execution = try fields.text("execution")
        if row[SessionColumn.executionID] == .null { row[SessionColumn.executionID] = .text(execution) }
        row[SessionColumn.engine] = .text(try fields.text("engine"))
        row[SessionColumn.sessionID] = .text(try fields.text("session"))
        row[SessionColumn.subject] = .text(try fields.text("subject"))
        edit(.bindings) { $0[execution] = fields["journeys"] ?? .array([]) }
        guard let history = fields["history"], !history.isNull else { return }
        if let mode = history["mode"]?.string { row[SessionColumn.mode] = .text(mode) }
        add(Int64(history["messages"]?.int ?? 0), to: .messages)
        add(Int64(history["turnsCompleted"]?.int ?? 0), to: .turnsCompleted)
        add(Int64(history["turnsFailed"]?.int ?? 0), to: .turnsFailed)
        add(Int64(history["turnsCancelled"]?.int ?? 0), to: .turnsCancelled)
        raise(.lastOffset, to: history["lastOffset"]?.int.map(Int64.init))
        raise(.askedOffset, to: history["askedOffset"]?.int.map(Int64.init))
        raise(.answeredOffset, to: history["answeredOffset"]?.int.map(Int64.init))
    }

    private mutating func report(
        _ fields: PayloadFields, _ count: SessionColumn?
    ) throws(ProjectionFault.Reason) {
        raise(.lastOffset, to: try fields.count("offset", in: "event"))
        // A conversation that nobody has described says with its first event whose it is.
        if row[SessionColumn.subject] == .null { row[SessionColumn.subject] = .text(try fields.text("subject")) }
        if let count { add(1, to: count) }
    }

    private mutating func post(_ fields: PayloadFields) throws(ProjectionFault.Reason) {
        try report(fields, .messages)
        let offset = try fields.count("offset", in: "event")
        switch fields["event", "source"]?.string {
        case "customer": raise(.askedOffset, to: offset)
        // The agent's message is part of a turn, and the turn says when it has ended.
        case "ai_agent": break
        default: raise(.answeredOffset, to: offset)
        }
    }

    /// A cancelled turn is no answer: it was cancelled because the customer wrote again.
    private mutating func end(_ fields: PayloadFields, _ count: SessionColumn) throws(ProjectionFault.Reason) {
        add(1, to: count)
        switch try fields.optionalText("corrected") {
        case "completed": add(-1, to: .turnsCompleted)
        case "failed": add(-1, to: .turnsFailed)
        case "cancelled": add(-1, to: .turnsCancelled)
        default: break
        }
        if count != .turnsCancelled { raise(.answeredOffset, to: try fields.count("offset")) }
    }

    private mutating func enter(_ fields: PayloadFields) throws(ProjectionFault.Reason) {
        let journey = try fields.text("journey")
        let state = try fields.text("state")
        edit(.positions) { $0[journey] = .string(state) }
        let journeys = json(.journeys).array ?? []
        guard !journeys.contains(.string(journey)) else { return }
        let names = (journeys.compactMap(\.string) + [journey]).sorted { JSONKeyOrder.precedes($0, $1) }
        row[SessionColumn.journeys] = .json(JSONValue.array(names.map(JSONValue.string)).compactBytes())
    }

    private mutating func leave(_ fields: PayloadFields) throws(ProjectionFault.Reason) {
        let journey = try fields.text("journey")
        let state = try fields.text("state")
        edit(.positions) { if $0[journey] == .string(state) { $0[journey] = nil } }
    }

    /// Questions and answers among the deleted events are gone; whole turns go, so what is left is answered.
    private mutating func rewind(_ fields: PayloadFields) throws(ProjectionFault.Reason) {
        let from = try fields.count("from")
        let before = try fields.count("before")
        add(1, to: .rewinds)
        add(-(try fields.count("completed", in: "gone")), to: .turnsCompleted)
        add(-(try fields.count("failed", in: "gone")), to: .turnsFailed)
        add(-(try fields.count("cancelled", in: "gone")), to: .turnsCancelled)
        func isGone(_ column: SessionColumn) -> Bool { offset(column).map { $0 >= from && $0 < before } ?? false }
        if isGone(.askedOffset) { row[SessionColumn.askedOffset] = .null }
        if isGone(.answeredOffset) { row[SessionColumn.answeredOffset] = from > 0 ? .int(from - 1) : .null }
    }
}

extension SessionRow {
    private func offset(_ column: SessionColumn) -> Int64? {
        guard case .int(let offset) = row[column] else { return nil }
        return offset
    }

    private mutating func raise(_ column: SessionColumn, to offset: Int64?) {
        guard let offset, offset > self.offset(column) ?? -1 else { return }
        row[column] = .int(offset)
    }

    /// Counts up or down; never below 0, and never beyond what a column holds.
    private mutating func add(_ number: Int64, to column: SessionColumn) {
        let (sum, isTooLarge) = (offset(column) ?? 0).addingReportingOverflow(number)
        row[column] = .int(isTooLarge ? .max : max(0, sum))
    }

    private func json(_ column: SessionColumn) -> JSONValue {
        guard case .json(let bytes) = row[column], let value = try? JSONValue(bytes) else { return .null }
        return value
    }

    private mutating func edit(_ column: SessionColumn, _ change: (inout JSONObject) -> Void) {
        var object = json(column).object ?? JSONObject()
        change(&object)
        row[column] = .json(JSONValue.object(object).canonicalBytes())
    }
}
