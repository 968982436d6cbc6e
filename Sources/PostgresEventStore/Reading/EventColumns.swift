/// The columns of `lockstep.events` that make an event, in the order in which every reader asks for them.
enum EventColumns {
    static let list = """
        e.position, e.version, e.occurred_at, e.recorded_at, e.event_id, e.kind, e.schema_version, e.correlation_id, e.causation_id, \
        e.stream, e.actor, e.data, e.metadata
        """
    static let count = 13

    static let position = 0
    static let version = 1
    static let occurredAt = 2
    static let recordedAt = 3
    static let id = 4
    static let kind = 5
    static let schemaVersion = 6
    static let correlationID = 7
    static let causationID = 8
    static let stream = 9
    static let actor = 10
    static let data = 11
    static let metadata = 12
}

/// The fields of one row in PostgreSQL's binary form, wherever they came from.
protocol EventFields {
    /// The bytes of a column; `nil` for NULL.
    func field(_ column: Int) -> UnsafeRawBufferPointer?
}
