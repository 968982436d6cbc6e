import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

/// Checkpoints as rows, and as parameters.
enum ProgressRow {
    /// `$1` consumer, `$2` kind, `$3` version, `$4` lanes.
    static let select = PostgresStatement("\(columns) order by c.lane")
    /// The same, and they cannot move until the transaction ends. They are locked in the order in which whoever moves them locks them.
    static let lock = PostgresStatement("\(columns) order by c.lane for update")
    /// Every state by one call of the function, all in one transaction. The leases are locked first, in the order in which everybody locks them.
    static let recordState: PostgresStatement = """
        with locked as materialized (
            select l.name from lockstep.leases l where l.name = any ($1::text[]) order by l.name collate "C" for share
        )
        select lockstep_read.record_state(s.lease, s.token, $3, $4, $5, s.lane, s.position, s.state, s.incarnation, s.last_error)
        from unnest($1::text[], $2::bigint[], $6::int[], $7::bigint[], $8::text[], $9::uuid[], $10::text[])
            s (lease, token, lane, position, state, incarnation, last_error)
        where (select count(*) from locked) >= 0
        """

    private static let columns = """
        select c.lane, c.state, c.position, c.last_event_id, c.incarnation, c.events_handled, c.digest, c.last_error
        from lockstep.checkpoints c where c.consumer = $1 and c.kind = $2 and c.version = $3 and c.lane = any ($4)
        """

    /// The parameters of ``select`` and ``lock``.
    static func parameters(of key: ConsumerProgress.Key, lanes: [Int]) -> PostgresParameters {
        PostgresParameters {
            $0.append(consumer: key)
            $0.append(PostgresArray(lanes: lanes))
        }
    }

    /// The parameters of ``recordState``; the states are of one generation.
    static func parameters(recording states: [CheckpointMove]) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.append(leasesOf: states)
        parameters.append(consumer: states.first?.progress.key ?? ConsumerProgress.Key(consumer: "", kind: ""))
        parameters.append(PostgresArray(lanes: states.map(\.progress.key.lane)))
        parameters.append(PostgresArray(int64s: states.map(\.progress.position.rawValue)))
        parameters.append(PostgresArray(texts: states.map(\.progress.state)))
        parameters.append(PostgresArray(uuids: states.map(\.progress.incarnation)))
        parameters.append(PostgresArray(texts: states.map(\.progress.lastError)))
        return parameters
    }

    static func decode(
        _ result: PostgresResult, of key: ConsumerProgress.Key
    ) throws(PostgresError) -> [ConsumerProgress] {
        var found: [ConsumerProgress] = []
        for row in 0..<result.rowCount {
            var key = key
            key.lane = Int(try result.int32(row, 0))
            var progress = ConsumerProgress(of: key, incarnation: try result.uuid(row, 4))
            progress.state = try result.text(row, 1)
            progress.position = GlobalPosition(try result.int64(row, 2))
            progress.lastEventID = result.isNull(row, 3) ? nil : try result.uuid(row, 3)
            progress.eventsHandled = try result.int64(row, 5)
            // The table checks nothing about the digest; one of another length is none of ours and shows as a mismatch.
            progress.digest = CompletenessDigest(bytes: try result.bytes(row, 6)) ?? CompletenessDigest()
            progress.lastError = result.isNull(row, 7) ? nil : try result.text(row, 7)
            found.append(progress)
        }
        return found
    }
}

extension PostgresParameters {
    /// Consumer, kind and version of a checkpoint's key.
    mutating func append(consumer key: ConsumerProgress.Key) {
        append(key.consumer)
        append(key.kind)
        append(Int32(clamping: key.version))
    }

    /// The parameters of `lockstep_read.advance_lanes`; the moves are of one generation.
    mutating func append(_ moves: [CheckpointMove]) {
        append(leasesOf: moves)
        append(consumer: moves.first?.progress.key ?? ConsumerProgress.Key(consumer: "", kind: ""))
        append(PostgresArray(lanes: moves.map(\.progress.key.lane)))
        append(PostgresArray(int64s: moves.map(\.from.rawValue)))
        append(PostgresArray(texts: moves.map(\.progress.state)))
        append(PostgresArray(int64s: moves.map(\.progress.position.rawValue)))
        append(PostgresArray(uuids: moves.map(\.progress.lastEventID)))
        append(PostgresArray(uuids: moves.map(\.progress.incarnation)))
        append(PostgresArray(int64s: moves.map(\.progress.eventsHandled)))
        var digests = PostgresArray(elementType: .bytea, reservingCapacity: moves.count * 36)
        for move in moves { digests.append(bytes: move.progress.digest.bytes) }
        append(digests)
        append(PostgresArray(texts: moves.map(\.progress.lastError)))
        append(PostgresArray(texts: moves.map { $0.parking.isEmpty ? nil : ParkingRow.json($0.parking) }))
    }

    fileprivate mutating func append(leasesOf moves: [CheckpointMove]) {
        append(PostgresArray(texts: moves.map(\.lease.name)))
        append(PostgresArray(int64s: moves.map(\.lease.token)))
    }

    mutating func append(optional text: String?) {
        if let text { append(text) } else { appendNull(.text) }
    }
}

extension PostgresArray {
    /// Numbers of lanes.
    init(lanes: [Int]) {
        self.init(elementType: .int4, reservingCapacity: lanes.count * 8)
        for lane in lanes { append(int32: Int32(clamping: lane)) }
    }

    fileprivate init(int64s values: [Int64]) {
        self.init(elementType: .int8, reservingCapacity: values.count * 12)
        for value in values { append(int64: value) }
    }

    fileprivate init(texts values: [String?]) {
        self.init(elementType: .text, reservingCapacity: values.count * 24)
        for value in values {
            if let value { append(text: value) } else { appendNull() }
        }
    }

    fileprivate init(uuids values: [UUID?]) {
        self.init(elementType: .uuid, reservingCapacity: values.count * 20)
        for value in values {
            if let value { append(uuid: value) } else { appendNull() }
        }
    }
}
