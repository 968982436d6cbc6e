import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

extension PostgresEventStore: InboundCheckpoints {
    private static let bookmarks: PostgresStatement = """
        select partition, generation, next_offset, last_message from lockstep.inbound_bookmarks where cluster = $1 and topic = $2
        """
    private static let advanceAll: PostgresStatement = """
        select answer, value from lockstep.advance_inbound(
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """
    /// Both in one statement: between two, a process that stands still would keep the rows of its leases from who comes after it. A message that
    /// came again, after a death before the bookmark moved, is kept already.
    private static let advanceAndKeep = PostgresStatement(
        """
        with moved as (\(advanceAll.sql)), kept as (
            insert into lockstep.inbound_rejections (
                id, workspace, cluster, topic, partition, generation, record_offset, code, reason, kind, bytes, sealed)
            select r.* from unnest(
                $17::uuid[], $18::text[], $19::text[], $20::text[], $21::int[], $22::uuid[], $23::bigint[], $24::text[], $25::text[],
                $26::text[], $27::bigint[], $28::bytea[]) r
            where (select m.answer from moved m) = 0
            on conflict do nothing)
        select answer, value from moved
        """)

    /// As the protocol says.
    public func bookmarks(of topic: InboundTopicName) async throws(StoreError) -> [Int32: InboundBookmark] {
        var parameters = PostgresParameters()
        parameters.append(topic.cluster)
        parameters.append(topic.topic)
        let rows = try await rows(Self.bookmarks, parameters)
        do throws(PostgresError) {
            var bookmarks: [Int32: InboundBookmark] = [:]
            for row in 0..<rows.rowCount {
                bookmarks[try rows.int32(row, 0)] = try rows.bookmark(row)
            }
            return bookmarks
        } catch {
            throw StoreError(error)
        }
    }

    /// As the protocol says.
    public func advance(
        _ step: InboundStep, of topic: InboundTopicName
    ) async throws(StoreError) -> InboundAdvance {
        var parameters = PostgresParameters(step, of: topic)
        guard !step.rejections.isEmpty else { return try InboundAdvance(try await one(Self.advanceAll, parameters)) }
        parameters.append(keeping: step.rejections)
        return try InboundAdvance(try await one(Self.advanceAndKeep, parameters))
    }
}

extension PostgresResult {
    /// The bookmark of a row of something, generation, next offset and what the last message hashes to.
    func bookmark(_ row: Int) throws(PostgresError) -> InboundBookmark {
        InboundBookmark(
            generation: try uuid(row, 1), next: try int64(row, 2),
            last: isNull(row, 3) ? nil : InboundFingerprint(id: try uuid(row, 3)))
    }
}

extension InboundAdvance {
    fileprivate init(_ row: PostgresResult) throws(StoreError) {
        do throws(PostgresError) {
            let partition = Int32(truncatingIfNeeded: try row.int64(0, 1))
            switch try row.int16(0, 0) {
            case 0: self = .advanced
            case 1: self = .fenced(partition: partition)
            case 2: self = .moved(partition: partition)
            default: self = .contradicted
            }
        } catch {
            throw StoreError(error)
        }
    }
}

extension PostgresParameters {
    /// The arguments of `lockstep.advance_inbound`.
    fileprivate init(_ step: InboundStep, of topic: InboundTopicName) {
        self.init()
        append(topic.cluster)
        append(topic.topic)
        append(PostgresArray(texts: step.moves.map(\.lease.name)))
        append(PostgresArray(int64s: step.moves.map(\.lease.token)))
        append(PostgresArray(int32s: step.moves.map(\.partition)))
        append(PostgresArray(uuids: step.moves.map { $0.from?.generation }))
        append(PostgresArray(int64s: step.moves.map { $0.from?.next }))
        append(PostgresArray(uuids: step.moves.map(\.to.generation)))
        append(PostgresArray(int64s: step.moves.map(\.to.next)))
        append(PostgresArray(uuids: step.moves.map { $0.to.last?.id }))
        append(PostgresArray(int64s: step.moves.map(\.counts.messages)))
        append(PostgresArray(int64s: step.moves.map(\.counts.events)))
        append(PostgresArray(int64s: step.moves.map(\.counts.rejected)))
        let entries = step.entries.flatMap { workspace, entries in entries.map { (workspace, $0) } }
        append(PostgresArray(texts: entries.map(\.0.rawValue)))
        append(PostgresArray(uuids: entries.map(\.1.key.id)))
        append(PostgresArray(uuids: entries.map(\.1.fingerprint.id)))
    }
}
