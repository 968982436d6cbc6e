import EventModel
import EventSourcing
import PostgresDriver
import ReadModels

/// Parked keys as rows, and changes of them as the parameter of `lockstep_read.advance_lanes`.
enum ParkingRow {
    private static let columns = """
        k.key, k.scope, k.position, k.type, k.event_id, k.cause, k.first_position, k.queued, k.parked_at, k.tries, k.tried_at, \
        k.requested_at, k.requested_by, k.skip_position, k.skip_reason
        """
    /// Where ``next`` tells the lane.
    static let laneColumn = 15
    /// `$1` consumer, `$2` version, `$3` lane.
    private static let ofConsumer = "k.consumer = $1 and k.version = $2 and k.lane = $3"

    static let page = PostgresStatement(
        """
        select \(columns) from lockstep_read.parked_keys k
        where \(ofConsumer) and ($4::text is null or k.key > $4) order by k.key limit $5
        """)
    static let one = PostgresStatement(
        "select \(columns) from lockstep_read.parked_keys k where \(ofConsumer) and k.key = $4")
    /// `$3` lanes.
    static let next = PostgresStatement(
        """
        select \(columns), k.lane from lockstep_read.parked_keys k
        where k.consumer = $1 and k.version = $2 and k.lane = any ($3) and k.requested_at is not null
        order by k.requested_at, k.key limit 1
        """)
    /// The key's id is looked up first: as a join, every event of a long queue would be read and sorted for each page.
    static let queue = PostgresStatement(
        """
        select e.position from lockstep_read.parked_events e
        where e.parked = (select k.id from lockstep_read.parked_keys k where \(ofConsumer) and k.key = $4) and e.position > $5
        order by e.position limit $6
        """)
    /// Answers how many are parked; those that wait for a retry already keep their place.
    static let request = PostgresStatement(
        """
        with asked as (
            select k.id, k.requested_at from lockstep_read.parked_keys k
            where \(ofConsumer) and ($4 or k.key = any ($5)) order by k.id for update
        ), marked as (
            update lockstep_read.parked_keys k set requested_at = clock_timestamp(), requested_by = $6
            from asked a where a.id = k.id and a.requested_at is null
        )
        select count(*) from asked
        """)
    static let skip = PostgresStatement(
        """
        update lockstep_read.parked_keys k
        set requested_at = clock_timestamp(), requested_by = $7, skip_position = $5, skip_reason = $6
        where \(ofConsumer) and k.key = $4 and k.position = $5 and k.first_position = $5
        """)

    static func decode(_ rows: PostgresResult, _ row: Int) throws(PostgresError) -> ParkedKey {
        func time(_ column: Int) throws(PostgresError) -> Timestamp {
            Timestamp(microseconds: try rows.timestampMicroseconds(row, column))
        }
        let failure = ParkingFailure(
            position: GlobalPosition(try rows.int64(row, 2)), type: EventType(trusting: try rows.text(row, 3)),
            eventID: try rows.uuid(row, 4), cause: try rows.text(row, 5))
        var request: RetryRequest?
        if !rows.isNull(row, 11) {
            request = RetryRequest(actor: rows.isNull(row, 12) ? nil : try rows.text(row, 12), at: try time(11))
            if !rows.isNull(row, 13) {
                request?.skip = .init(GlobalPosition(try rows.int64(row, 13)), because: try rows.text(row, 14))
            }
        }
        return ParkedKey(
            key: ParkingKey(text: try rows.text(row, 0)), scope: ParkingKey(text: try rows.text(row, 1)),
            failure: failure, first: GlobalPosition(try rows.int64(row, 6)), queued: try rows.int64(row, 7),
            parkedAt: try time(8), tries: Int(try rows.int32(row, 9)), triedAt: try time(10), request: request)
    }

    /// As `lockstep_read.advance_lanes` reads it.
    static func json(_ changes: ParkingChanges) -> String {
        var writer = JSONWriter(capacity: 1_024)
        writer.object { object in
            object.key("parked")
            object.array { array in
                for parking in changes.parked {
                    array.object { object in
                        object.member("key", parking.key.text)
                        object.member("scope", parking.scope.text)
                        object.failure(parking.failure)
                    }
                }
            }
            object.key("absorbed")
            object.array { array in
                for absorption in changes.absorbed {
                    array.object { object in
                        object.member("from", absorption.from.text)
                        object.member("into", absorption.into.text)
                    }
                }
            }
            object.key("queued")
            object.array { array in
                for queue in changes.queued { array.queue(queue) }
            }
            if let settlement = changes.settlement { object.settlement(settlement) }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: StaticString, _ text: String) {
        key(name)
        string(text)
    }

    fileprivate mutating func member(_ name: StaticString, _ position: GlobalPosition) {
        key(name)
        int(position.rawValue)
    }

    fileprivate mutating func failure(_ failure: ParkingFailure) {
        member("position", failure.position)
        member("type", failure.type.rawValue)
        member("event_id", failure.eventID.uuidString)
        member("cause", failure.cause)
    }

    fileprivate mutating func queue(_ queue: ParkingChanges.Queue) {
        object { object in
            object.member("key", queue.key.text)
            object.key("positions")
            object.array { array in
                for position in queue.positions { array.int(position.rawValue) }
            }
        }
    }

    fileprivate mutating func settlement(_ settlement: ParkingChanges.Settlement) {
        key("settled")
        object { object in
            object.member("key", settlement.key.text)
            object.member("first", settlement.first)
            if let through = settlement.through { object.member("through", through) }
            if let skip = settlement.skip { object.member("skip", skip) }
            if let failure = settlement.failure { object.failure(failure) }
        }
    }
}
