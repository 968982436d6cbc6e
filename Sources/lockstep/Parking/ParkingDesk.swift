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

    /// The parked keys of some projections, in every generation that is followed; that of the readers first.
    func parked(in projections: [any Projection]) async throws(StoreError) -> [ParkedKeyAnswer] {
        var answers: [ParkedKeyAnswer] = []
        for projection in projections {
            for generation in try await generations(of: projection) {
                answers += try await parked(nil, of: generation).map {
                    ParkedKeyAnswer(generation: generation, parked: $0.parked)
                }
            }
        }
        return answers
    }

    /// Asks for a retry of keys wherever they are parked, or shows what that would do.
    ///
    /// - Parameter keys: which; `nil` for all that are parked.
    func retry(
        _ keys: [ParkingKey]?, of projection: any Projection, by actor: String?, isDryRun: Bool
    ) async throws(StoreError) -> [ParkingRequestAnswer] {
        var answers: [ParkingRequestAnswer] = []
        for generation in try await generations(of: projection) {
            let found = try await parked(keys, of: generation)
            for (consumer, parked) in Dictionary(grouping: found, by: \.consumer) where !isDryRun {
                _ = try await store.requestRetry(of: parked.map(\.parked.key), of: consumer, by: actor)
            }
            for (consumer, parked) in found {
                answers.append(
                    ParkingRequestAnswer(
                        generation, parked, isDryRun ? .preview : .requested,
                        positions: try await positions(of: parked, consumer)))
            }
        }
        let absent = (keys ?? []).filter { key in !answers.contains { $0.key == key } }
        return answers + absent.map { ParkingRequestAnswer(projection: projection.name, notParked: $0) }
    }

    /// Asks for an event to be left out wherever its key is parked, or shows what that would do.
    ///
    /// - Parameter position: where the event must be; `nil`: wherever the key stands now.
    func skip(
        _ key: ParkingKey, of projection: any Projection, at position: GlobalPosition?, because reason: String,
        by actor: String, isDryRun: Bool
    ) async throws(StoreError) -> [ParkingRequestAnswer] {
        var answers: [ParkingRequestAnswer] = []
        for generation in try await generations(of: projection) {
            guard let (consumer, parked) = try await parked([key], of: generation).first else { continue }
            // One event is left out, not one of each generation.
            let failed = parked.failure.position
            let wanted = position ?? answers.first?.skips ?? failed
            var outcome = ParkingRequestAnswer.Outcome.elsewhere
            if wanted == failed {
                let skip = RetryRequest.Skip(failed, because: reason)
                let isAsked =
                    isDryRun ? false : try await store.requestSkip(of: key, of: consumer, skip, by: actor)
                outcome = isDryRun ? .preview : isAsked ? .requested : .elsewhere
            }
            answers.append(
                ParkingRequestAnswer(
                    generation, parked, outcome, skips: failed, positions: try await positions(of: parked, consumer)))
        }
        return answers.isEmpty ? [ParkingRequestAnswer(projection: projection.name, notParked: key)] : answers
    }

    private func generations(of projection: any Projection) async throws(StoreError) -> [Generation] {
        let known = try await store.generations().filter { $0.projection == projection.name && $0.isFollowed }
        return known.filter { $0.state == .active } + known.filter { $0.state != .active }
    }

    /// In whatever lane they are.
    private func parked(
        _ keys: [ParkingKey]?, of generation: Generation
    ) async throws(StoreError) -> [(consumer: ConsumerProgress.Key, parked: ParkedKey)] {
        let consumers = ConsumerProgress.Key.all(of: generation)
        guard let keys else { return try await store.allParkedKeys(of: consumers) }
        var found: [(consumer: ConsumerProgress.Key, parked: ParkedKey)] = []
        for key in keys {
            for consumer in consumers {
                guard let parked = try await store.parkedKey(key, of: consumer) else { continue }
                found.append((consumer, parked))
                break
            }
        }
        return found
    }

    private func positions(
        of parked: ParkedKey, _ consumer: ConsumerProgress.Key
    ) async throws(StoreError) -> [GlobalPosition] {
        try await store.queue(of: parked.key, of: consumer, after: .start, limit: Self.listedPositions)
    }
}
