import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

extension PostgresEventStore: RejectionLedger {
    private static let columns = """
        r.workspace, r.cluster, r.topic, r.partition, r.generation, r.record_offset, r.code, r.reason, r.kind, r.bytes, r.sealed,
            r.rejected_at, r.attempts, r.tried_at, r.accepted_at, r.events
        """
    private static let page = PostgresStatement(
        """
        select \(columns) from lockstep.inbound_rejections r
        where ($1 = 'all' or ($1 = 'accepted') = (r.accepted_at is not null))
            and ($2::text is null or r.workspace = $2) and ($3::text is null or r.code = $3)
            and ($4::timestamptz is null or (r.rejected_at, r.id) > ($4, $5))
        order by r.rejected_at, r.id limit $6
        """)
    private static let single = PostgresStatement(
        "select \(columns) from lockstep.inbound_rejections r where r.id = $1")
    private static let accept: PostgresStatement = """
        update lockstep.inbound_rejections set attempts = attempts + 1, tried_at = clock_timestamp(), accepted_at = clock_timestamp(),
            events = $2
        where id = $1 and accepted_at is null
        """
    private static let refuseAgain: PostgresStatement = """
        update lockstep.inbound_rejections set attempts = attempts + 1, tried_at = clock_timestamp(), code = $2, reason = $3, kind = $4
        where id = $1 and accepted_at is null
        """

    /// As the protocol says.
    public func rejections(_ query: RejectionQuery) async throws(StoreError) -> [KeptRejection] {
        var parameters = PostgresParameters()
        parameters.append(query.state.rawValue)
        parameters.append(optional: query.workspace?.rawValue)
        parameters.append(optional: query.code)
        if let (time, id) = query.after {
            parameters.append(timestampMicroseconds: time.microseconds)
            parameters.append(id)
        } else {
            parameters.appendNull(.timestamptz)
            parameters.appendNull(.uuid)
        }
        parameters.append(query.limit)
        return try KeptRejection.all(of: try await rows(Self.page, parameters))
    }

    /// As the protocol says.
    public func rejection(_ id: UUID) async throws(StoreError) -> KeptRejection? {
        let rows = try await rows(Self.single, PostgresParameters { $0.append(id) })
        return try KeptRejection.all(of: rows).first
    }

    /// As the protocol says.
    public func record(_ attempt: RejectionAttempt, of id: UUID) async throws(StoreError) -> Bool {
        var parameters = PostgresParameters()
        parameters.append(id)
        switch attempt {
        case .accepted(let events):
            parameters.append(events)
            return try await affected(Self.accept, parameters) == 1
        case .refused(let rejection):
            parameters.append(rejection.code.rawValue)
            parameters.append(rejection.reason)
            parameters.append(optional: rejection.kind)
            return try await affected(Self.refuseAgain, parameters) == 1
        }
    }
}

extension KeptRejection {
    fileprivate static func all(of rows: PostgresResult) throws(StoreError) -> [KeptRejection] {
        do throws(PostgresError) {
            var found: [KeptRejection] = []
            for row in 0..<rows.rowCount { found.append(try KeptRejection(row, of: rows)) }
            return found
        } catch {
            throw StoreError(error)
        }
    }

    private init(_ row: Int, of rows: PostgresResult) throws(PostgresError) {
        let place = InboundPlace(
            topic: InboundTopicName(cluster: try rows.text(row, 1), topic: try rows.text(row, 2)),
            generation: try rows.uuid(row, 4), partition: try rows.int32(row, 3), offset: try rows.int64(row, 5))
        let name = try rows.text(row, 0)
        let message = RejectedMessage(
            workspace: (try? Workspace(name)) ?? .default, place: place, code: try rows.text(row, 6),
            reason: try rows.text(row, 7), kind: rows.isNull(row, 8) ? nil : try rows.text(row, 8),
            bytes: try rows.int64(row, 9), sealed: try rows.bytes(row, 10))
        let acceptedAt = rows.isNull(row, 14) ? nil : try rows.timestampMicroseconds(row, 14)
        self.init(
            message, rejectedAt: Timestamp(microseconds: try rows.timestampMicroseconds(row, 11)),
            attempts: Int(try rows.int32(row, 12)),
            triedAt: Timestamp(microseconds: try rows.timestampMicroseconds(row, 13)),
            acceptedAt: acceptedAt.map { Timestamp(microseconds: $0) }, events: try rows.int64(row, 15))
    }
}

extension PostgresParameters {
    /// Appends refused messages as columns.
    mutating func append(keeping rejections: [RejectedMessage]) {
        append(PostgresArray(uuids: rejections.map(\.id)))
        append(PostgresArray(texts: rejections.map(\.workspace.rawValue)))
        append(PostgresArray(texts: rejections.map(\.place.topic.cluster)))
        append(PostgresArray(texts: rejections.map(\.place.topic.topic)))
        append(PostgresArray(int32s: rejections.map(\.place.partition)))
        append(PostgresArray(uuids: rejections.map(\.place.generation)))
        append(PostgresArray(int64s: rejections.map(\.place.offset)))
        append(PostgresArray(texts: rejections.map(\.code)))
        append(PostgresArray(texts: rejections.map(\.reason)))
        append(PostgresArray(texts: rejections.map(\.kind)))
        append(PostgresArray(int64s: rejections.map(\.bytes)))
        var sealed = PostgresArray(elementType: .bytea)
        for rejection in rejections { sealed.append(bytes: rejection.sealed) }
        append(sealed)
    }
}
