import EventModel
import EventSourcing
import PostgresDriver
import PostgresReadModels
import ReadModels

/// Looks at parked keys and asks for what shall become of them. What is asked is done by the projector that holds the lease.
struct ParkingDesk: Sendable {
    /// Positions of a queue that an answer lists; the count is always exact.
    static let listedPositions = 100

    private let store: PostgresProjectionStore

    /// Runs `body` with a desk over connections of its own.
    static func with<R: Sendable>(
        _ settings: DatabaseSettings, _ body: (ParkingDesk) async throws -> R
    ) async throws -> R {
        let pool = PostgresPool(configuration: try settings.postgres(), limits: settings.poolLimits)
        let result: Result<R, any Error>
        do { result = .success(try await body(ParkingDesk(store: PostgresProjectionStore(pool: pool)))) } catch {
            result = .failure(error)
        }
        await pool.shutdown()
        return try result.get()
    }

    /// The projection of this name.
    static func projection(named name: String) throws(Failure) -> any Projection {
        guard let projection = ProjectionCatalogue.projection(named: name) else {
            throw Failure(
                .usage, "there is no projection \(Table.printable(name))", hint: "see `lockstep projections list`")
        }
        return projection
    }

    /// The parked keys of some projections.
    func parked(in projections: [any Projection]) async throws(StoreError) -> [ParkedKeyAnswer] {
        var answers: [ParkedKeyAnswer] = []
        for projection in projections {
            let keys = try await store.allParkedKeys(of: ConsumerProgress.Key(of: projection))
            answers += keys.map {
                ParkedKeyAnswer(projection: projection.name, version: projection.version, parked: $0)
            }
        }
        return answers
    }

    /// Asks for a retry of keys, or shows what that would do.
    ///
    /// - Parameter keys: which; `nil` for all that are parked.
    func retry(
        _ keys: [ParkingKey]?, of projection: any Projection, by actor: String?, isDryRun: Bool
    ) async throws(StoreError) -> [ParkingRequestAnswer] {
        let consumer = ConsumerProgress.Key(of: projection)
        let wanted: [(ParkingKey, ParkedKey?)]
        if let keys {
            var found: [(ParkingKey, ParkedKey?)] = []
            for key in keys { found.append((key, try await store.parkedKey(key, of: consumer))) }
            wanted = found
        } else {
            wanted = try await store.allParkedKeys(of: consumer).map { ($0.key, $0) }
        }
        if !isDryRun, wanted.contains(where: { $0.1 != nil }) {
            _ = try await store.requestRetry(of: wanted.filter { $0.1 != nil }.map(\.0), of: consumer, by: actor)
        }
        var answers: [ParkingRequestAnswer] = []
        for (key, parked) in wanted {
            answers.append(
                ParkingRequestAnswer(
                    projection: projection.name, key: key, parked: parked,
                    outcome: parked == nil ? .notParked : isDryRun ? .preview : .requested,
                    positions: try await positions(of: parked, consumer, behind: .start)))
        }
        return answers
    }

    /// Asks for an event to be left out, or shows what that would do.
    ///
    /// - Parameter position: where the event must be; `nil`: wherever the key stands now.
    func skip(
        _ key: ParkingKey, of projection: any Projection, at position: GlobalPosition?, because reason: String,
        by actor: String, isDryRun: Bool
    ) async throws(StoreError) -> ParkingRequestAnswer {
        let consumer = ConsumerProgress.Key(of: projection)
        let parked = try await store.parkedKey(key, of: consumer)
        var outcome = ParkingRequestAnswer.Outcome.notParked
        if let failed = parked?.failure.position {
            if let position, position != failed {
                outcome = .elsewhere
            } else if isDryRun {
                outcome = .preview
            } else {
                let skip = RetryRequest.Skip(failed, because: reason)
                outcome = try await store.requestSkip(of: key, of: consumer, skip, by: actor) ? .requested : .elsewhere
            }
        }
        return ParkingRequestAnswer(
            projection: projection.name, key: key, parked: parked, outcome: outcome,
            skips: parked?.failure.position,
            positions: try await positions(of: parked, consumer, behind: .start))
    }

    private func positions(
        of parked: ParkedKey?, _ consumer: ConsumerProgress.Key, behind position: GlobalPosition
    ) async throws(StoreError) -> [GlobalPosition] {
        guard let parked else { return [] }
        return try await store.queue(of: parked.key, of: consumer, after: position, limit: Self.listedPositions)
    }
}
