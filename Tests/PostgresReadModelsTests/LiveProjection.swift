import EventSourcing
import EventSourcingTesting
import Logging
import PostgresReadModels
import Projector
import ReadModels
import Testing

/// A projector that runs until it has come to the end of the log.
struct LiveProjection {
    private let projection: any Projection
    private let log: InMemoryEventStore
    private let database: TestDatabase

    init(_ projection: any Projection, _ log: InMemoryEventStore, _ database: TestDatabase) {
        self.projection = projection
        self.log = log
        self.database = database
    }

    func run() async throws {
        let store = PostgresProjectionStore(pool: database.pool)
        let projector = ProjectorService(
            projection, log: log, views: store, leases: database.leases,
            settings: ProjectorSettings(holder: "live"), logger: .silent
        )
        let end = try await log.head().position
        let key = ConsumerProgress.Key(of: projection)
        let answer = try await withThrowingTaskGroup(of: WaitAnswer?.self) { group in
            group.addTask {
                try await projector.run()
                return nil
            }
            group.addTask {
                try await store.wait(for: key, through: end, atMost: .seconds(600), time: SystemTimekeeper())
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        #expect(answer == .reached)
    }
}
