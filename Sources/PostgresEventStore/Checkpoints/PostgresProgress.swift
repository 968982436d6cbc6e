import EventModel
import EventSourcing
import PostgresDriver

extension PostgresEventStore: ProgressStore {
    private static let columns = """
        c.consumer, c.kind, c.version, c.lane, c.state, c.position, c.last_event_id, c.incarnation, c.events_handled, c.digest, c.last_error
        """
    private static let one = PostgresStatement(
        """
        select \(columns) from lockstep.checkpoints c
        where c.consumer = $1 and c.kind = $2 and c.version = $3 and c.lane = $4
        """)
    private static let all = PostgresStatement(
        "select \(columns) from lockstep.checkpoints c order by c.kind, c.consumer, c.version, c.lane")
    static let advance: PostgresStatement = """
        select answer, value from lockstep.advance_checkpoint($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """

    /// As the protocol says.
    public func progress(of key: ConsumerProgress.Key) async throws(StoreError) -> ConsumerProgress? {
        let rows = try await rows(Self.one, PostgresParameters(key))
        do { return rows.rowCount == 0 ? nil : try ConsumerProgress(row: 0, of: rows) } catch {
            throw StoreError(any: error)
        }
    }

    /// As the protocol says.
    public func allProgress() async throws(StoreError) -> [ConsumerProgress] {
        let rows = try await rows(Self.all)
        do {
            return try (0..<rows.rowCount).map { try ConsumerProgress(row: $0, of: rows) }
        } catch {
            throw StoreError(any: error)
        }
    }

    /// As the protocol says.
    public func advance(
        _ progress: ConsumerProgress, from previous: GlobalPosition, under lease: Lease
    ) async throws(StoreError) -> AdvanceAnswer {
        let row = try await one(Self.advance, PostgresParameters(progress, from: previous, under: lease))
        do { return try AdvanceAnswer(row) } catch { throw StoreError(any: error) }
    }
}

extension PostgresEventStore: PublishingCheckpointStore {
    private static let ends: PostgresStatement = """
        select p.partition, p.position, p.record_offset, (
            select c.position from lockstep.checkpoints c
            where c.consumer = $1 and c.kind = $3 and c.version = $4 and c.lane = $5) checkpoint
        from lockstep.published_partitions p where p.consumer = $1 and p.topic = $2
        """
    /// How often in a row a checkpoint is read anew that has moved before its ends were read.
    private static let readings = 10
    /// All in one statement: between two, a process that stands still would keep the row of its lease from who comes after it.
    private static let advanceWithEnds = PostgresStatement(
        """
        with moved as (\(advance.sql)), dropped as (
            delete from lockstep.published_partitions
            where consumer = $3 and topic = $15 and partition <> all ($16) and (select m.answer from moved m) = 0
        ), saved as (
            insert into lockstep.published_partitions (consumer, topic, partition, position, record_offset)
            select $3, $15, e.* from unnest($16::int[], $17::bigint[], $18::bigint[]) e where (select m.answer from moved m) = 0
            on conflict (consumer, topic, partition) do update set
                position = excluded.position, record_offset = excluded.record_offset
        )
        select answer, value from moved
        """)

    /// As the protocol says.
    public func publishingCheckpoint(
        of key: ConsumerProgress.Key, topic: String
    ) async throws(StoreError) -> PublishingCheckpoint? {
        for _ in 0..<Self.readings {
            guard let progress = try await progress(of: key) else { return nil }
            var parameters = PostgresParameters()
            parameters.append(key.consumer)
            parameters.append(topic)
            parameters.append(key.kind)
            parameters.append(Int32(key.version))
            parameters.append(Int32(key.lane))
            let rows = try await rows(Self.ends, parameters)
            // Progress without the end of any partition is that of another topic.
            guard rows.rowCount > 0 || progress.position == .start else { return nil }
            guard let checkpoint = try Self.checkpoint(progress, topic, rows) else { continue }
            return checkpoint
        }
        throw .unavailable(reason: "the publisher's checkpoint moves faster than it can be read")
    }

    /// - Returns: `nil` when the ends are those of a later moment: together they would say something that was never so.
    private static func checkpoint(
        _ progress: ConsumerProgress, _ topic: String, _ rows: PostgresResult
    ) throws(StoreError) -> PublishingCheckpoint? {
        do throws(PostgresError) {
            if rows.rowCount > 0, try rows.int64(0, 3) != progress.position.rawValue { return nil }
            var ends: [Lane: PartitionEnd] = [:]
            for row in 0..<rows.rowCount {
                ends[Lane(try rows.int32(row, 0))] = PartitionEnd(
                    position: GlobalPosition(try rows.int64(row, 1)), offset: try rows.int64(row, 2))
            }
            return PublishingCheckpoint(progress: progress, topic: topic, ends: ends)
        } catch {
            throw StoreError(error)
        }
    }

    /// As the protocol says.
    public func advance(
        _ checkpoint: PublishingCheckpoint, from previous: GlobalPosition, under lease: Lease
    ) async throws(StoreError) -> AdvanceAnswer {
        var parameters = PostgresParameters(checkpoint.progress, from: previous, under: lease)
        parameters.append(endsOf: checkpoint)
        let row = try await one(Self.advanceWithEnds, parameters)
        do { return try AdvanceAnswer(row) } catch { throw StoreError(any: error) }
    }
}

extension PostgresParameters {
    init(_ key: ConsumerProgress.Key) {
        self.init()
        append(key.consumer)
        append(key.kind)
        append(Int32(key.version))
        append(Int32(key.lane))
    }

    /// Appends the topic and the ends of its partitions, as columns.
    fileprivate mutating func append(endsOf checkpoint: PublishingCheckpoint) {
        let ends = checkpoint.ends.sorted { $0.key < $1.key }
        append(checkpoint.topic)
        append(PostgresArray(int32s: ends.map(\.key.rawValue)))
        append(PostgresArray(int64s: ends.map(\.value.position.rawValue)))
        append(PostgresArray(int64s: ends.map(\.value.offset)))
    }

    /// The arguments of `lockstep.advance_checkpoint`.
    init(_ progress: ConsumerProgress, from previous: GlobalPosition, under lease: Lease) {
        self.init()
        append(lease.name)
        append(lease.token)
        append(progress.key.consumer)
        append(progress.key.kind)
        append(Int32(progress.key.version))
        append(Int32(progress.key.lane))
        append(previous.rawValue)
        append(progress.state)
        append(progress.position.rawValue)
        if let id = progress.lastEventID { append(id) } else { appendNull(oid: PostgresType.uuid.oid) }
        append(progress.incarnation)
        append(progress.eventsHandled)
        append(progress.digest.bytes)
        if let error = progress.lastError { append(error) } else { appendNull(oid: PostgresType.text.oid) }
    }
}

extension AdvanceAnswer {
    init(_ row: PostgresResult) throws {
        let value = try row.int64(0, 1)
        switch try row.int16(0, 0) {
        case 0: self = .advanced
        case 1: self = .fenced(current: value)
        default: self = .moved(actual: GlobalPosition(value))
        }
    }
}

extension ConsumerProgress {
    init(row: Int, of rows: PostgresResult) throws {
        let key = Key(
            consumer: try rows.text(row, 0), kind: try rows.text(row, 1), version: Int(try rows.int32(row, 2)),
            lane: Int(try rows.int32(row, 3)))
        self.init(of: key, incarnation: try rows.uuid(row, 7))
        state = try rows.text(row, 4)
        position = GlobalPosition(try rows.int64(row, 5))
        lastEventID = rows.isNull(row, 6) ? nil : try rows.uuid(row, 6)
        eventsHandled = try rows.int64(row, 8)
        guard let digest = CompletenessDigest(bytes: try rows.bytes(row, 9)) else {
            throw StoreError.failed(reason: "the digest of consumer \(key.consumer) does not have 32 bytes")
        }
        self.digest = digest
        lastError = rows.isNull(row, 10) ? nil : try rows.text(row, 10)
    }
}
