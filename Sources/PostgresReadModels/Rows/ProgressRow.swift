import EventModel
import EventSourcing
import PostgresDriver

/// A checkpoint as a row, and as parameters.
enum ProgressRow {
    static let select: PostgresStatement = """
        select c.state, c.position, c.last_event_id, c.incarnation, c.events_handled, c.digest, c.last_error
        from lockstep.checkpoints c where c.consumer = $1 and c.kind = $2 and c.version = $3 and c.lane = $4
        """
    static let recordState: PostgresStatement = """
        select lockstep_read.record_state($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """

    static func decode(_ result: PostgresResult, key: ConsumerProgress.Key) throws(PostgresError) -> ConsumerProgress {
        var progress = ConsumerProgress(of: key, incarnation: try result.uuid(0, 3))
        progress.state = try result.text(0, 0)
        progress.position = GlobalPosition(try result.int64(0, 1))
        progress.lastEventID = result.isNull(0, 2) ? nil : try result.uuid(0, 2)
        progress.eventsHandled = try result.int64(0, 4)
        // The table checks nothing about the digest; one of another length is none of ours and shows as a mismatch.
        progress.digest = CompletenessDigest(bytes: try result.bytes(0, 5)) ?? CompletenessDigest()
        progress.lastError = result.isNull(0, 6) ? nil : try result.text(0, 6)
        return progress
    }
}

extension PostgresParameters {
    /// The four parts of a checkpoint's key.
    mutating func append(_ key: ConsumerProgress.Key) {
        append(key.consumer)
        append(key.kind)
        append(Int32(clamping: key.version))
        append(Int32(clamping: key.lane))
    }

    /// The parameters of `lockstep_read.advance`.
    mutating func append(_ progress: ConsumerProgress, from previous: GlobalPosition, under lease: Lease) {
        append(lease.name)
        append(lease.token)
        append(progress.key)
        append(previous.rawValue)
        append(progress.state)
        append(progress.position.rawValue)
        if let id = progress.lastEventID { append(id) } else { appendNull(.uuid) }
        append(progress.incarnation)
        append(progress.eventsHandled)
        append(progress.digest.bytes)
        append(optional: progress.lastError)
    }

    mutating func append(optional text: String?) {
        if let text { append(text) } else { appendNull(.text) }
    }
}
