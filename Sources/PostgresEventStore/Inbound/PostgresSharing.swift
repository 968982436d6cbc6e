import EventModel
import EventSourcing
import PostgresDriver

extension PostgresEventStore: LeaseSharing {
    /// Renews leases as well, and does not wait for the disk either; see ``renewal``.
    static let sharing = PostgresStatement(
        "select holder, partition, token, \(withoutFlush) from lockstep.share_inbound($1, $2, $3, $4, $5)")
    private static let depart: PostgresStatement =
        "delete from lockstep.inbound_members where share = $1 and holder = $2"

    /// As the protocol says.
    public func takePart(
        in share: ShareName, as holder: String, parts: [Int32], holding held: [Int32: Lease],
        for duration: Duration
    ) async throws(StoreError) -> ShareSurvey {
        var parameters = PostgresParameters()
        parameters.append(share.text)
        parameters.append(holder)
        parameters.append(duration.microseconds)
        parameters.append(PostgresArray(int32s: parts))
        parameters.append(PostgresArray(int64s: parts.map { held[$0]?.token }))
        let rows = try await rows(Self.sharing, parameters)
        do throws(PostgresError) {
            var survey = ShareSurvey(members: [], leases: [:])
            for row in 0..<rows.rowCount {
                let holder = try rows.text(row, 0)
                guard !rows.isNull(row, 1) else {
                    survey.members.insert(holder)
                    continue
                }
                let part = try rows.int32(row, 1)
                survey.leases[part] = Lease(
                    name: share.lease(of: part), holder: holder, token: try rows.int64(row, 2))
            }
            return survey
        } catch {
            throw StoreError(error)
        }
    }

    /// As the protocol says.
    public func leave(_ share: ShareName, as holder: String) async throws(StoreError) {
        var parameters = PostgresParameters()
        parameters.append(share.text)
        parameters.append(holder)
        _ = try await rows(Self.depart, parameters)
    }
}

extension PostgresEventStore: InboundObservations {
    private static let observation: PostgresStatement = "select lockstep.observe_inbound($1, $2, $3, $4, $5)"

    /// As the protocol says.
    public func observe(_ ends: [Int32: InboundEnds], of topic: InboundTopicName) async throws(StoreError) {
        let ends = ends.sorted { $0.key < $1.key }
        var parameters = PostgresParameters()
        parameters.append(topic.cluster)
        parameters.append(topic.topic)
        parameters.append(PostgresArray(int32s: ends.map(\.key)))
        parameters.append(PostgresArray(int64s: ends.map(\.value.first)))
        parameters.append(PostgresArray(int64s: ends.map(\.value.next)))
        _ = try await rows(Self.observation, parameters)
    }
}
