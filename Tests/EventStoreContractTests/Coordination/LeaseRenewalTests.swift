import EventModel
import EventSourcing
import PostgresDriver
import Testing

@testable import PostgresEventStore

// Needs a server: whether a commit waits for the disk is its to say.
@Suite("Renewing leases", .enabled(if: StoreKind.available.contains(.postgres)))
struct LeaseRenewalTests {
    private static let share = InboundTopicName(cluster: "c1", topic: "lockstep.inbound").share

    private func setting(_ connection: PostgresConnection) async throws -> String {
        try await connection.query("show synchronous_commit").text(0, 0)
    }

    private func renewal(_ lease: Lease) -> (PostgresStatement, PostgresParameters) {
        let parameters = PostgresParameters {
            $0.append(lease.name)
            $0.append(lease.holder)
            $0.append(lease.token)
            $0.append(Int64(1_000_000))
        }
        return (PostgresEventStore.renewal, parameters)
    }

    private func sharing(_ lease: Lease) -> (PostgresStatement, PostgresParameters) {
        let parameters = PostgresParameters {
            $0.append(Self.share.text)
            $0.append(lease.holder)
            $0.append(Int64(1_000_000))
            $0.append(PostgresArray(int32s: [0]))
            $0.append(PostgresArray(int64s: [lease.token]))
        }
        return (PostgresEventStore.sharing, parameters)
    }

    @Test(arguments: [true, false])
    func `who says that it lives waits for no flush, and what follows on the connection does`(_ isShare: Bool)
        async throws
    {
        try await StoreKind.withIdleStore { store, _ in
            let answer = try await store.acquire(Self.share.lease(of: 0), holder: "a", for: .seconds(60))
            guard case .granted(let lease) = answer else { throw StoreError.failed(reason: "\(answer)") }
            let (statement, parameters) = isShare ? sharing(lease) : renewal(lease)
            try await store.pool.withConnection { connection in
                let before = try await setting(connection)
                let during = try await connection.transaction { connection in
                    #expect(try await connection.query(statement, parameters).rowCount > 0)
                    return try await setting(connection)
                }
                #expect(during == "off" && before != "off")
                #expect(try await setting(connection) == before)
            }
            #expect(try await store.renew(lease, for: .seconds(60)))
        }
    }
}
