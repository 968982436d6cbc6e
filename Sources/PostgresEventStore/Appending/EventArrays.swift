import EventModel
import PostgresDriver

/// The events of a batch, one binary array per column.
struct EventArrays {
    private var parts: PostgresArray
    private var steps: PostgresArray
    private var kinds: PostgresArray
    private var schemas: PostgresArray
    private var ids: PostgresArray
    private var correlations: PostgresArray
    private var causations: PostgresArray
    private var actors: PostgresArray
    private var times: PostgresArray
    private var data: PostgresArray
    private var metadata: PostgresArray

    init(count: Int, bytes: Int) {
        parts = PostgresArray(elementType: .int4, reservingCapacity: count * 8)
        steps = PostgresArray(elementType: .int4, reservingCapacity: count * 8)
        kinds = PostgresArray(elementType: .int4, reservingCapacity: count * 8)
        schemas = PostgresArray(elementType: .int2, reservingCapacity: count * 6)
        ids = PostgresArray(elementType: .uuid, reservingCapacity: count * 20)
        correlations = PostgresArray(elementType: .uuid, reservingCapacity: count * 20)
        causations = PostgresArray(elementType: .uuid, reservingCapacity: count * 20)
        actors = PostgresArray(elementType: .text, reservingCapacity: count * 4)
        times = PostgresArray(elementType: .timestamptz, reservingCapacity: count * 12)
        data = PostgresArray(elementType: .bytea, reservingCapacity: bytes + count * 4)
        metadata = PostgresArray(elementType: .bytea, reservingCapacity: count * 128)
    }

    mutating func append(_ event: EventDraft, part: Int, step: Int, kind: Int32) {
        parts.append(int32: Int32(part))
        steps.append(int32: Int32(step))
        kinds.append(int32: kind)
        schemas.append(int16: Int16(truncatingIfNeeded: event.schemaVersion))
        ids.append(uuid: event.id)
        if let id = event.correlationID { correlations.append(uuid: id) } else { correlations.appendNull() }
        if let id = event.causationID { causations.append(uuid: id) } else { causations.appendNull() }
        if let actor = event.actor { actors.append(text: actor) } else { actors.appendNull() }
        times.append(timestampMicroseconds: event.occurredAt.microseconds)
        data.append(bytes: event.data)
        metadata.append(bytes: event.metadata)
    }

    func append(to parameters: inout PostgresParameters) {
        for array in [parts, steps, kinds, schemas, ids, correlations, causations, actors, times, data, metadata] {
            parameters.append(array)
        }
    }
}
