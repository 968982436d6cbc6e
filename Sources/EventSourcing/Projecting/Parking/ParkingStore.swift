import EventModel
import ReadModels

/// Where the parked keys of projections are kept. What a projector changes goes through
/// ``ProjectionStore/apply(_:moving:)``; a request may come from anybody.
public protocol ParkingStore: Sendable {
    /// The parked keys of a projection in the order of their names, from behind `key` on; at most `limit`.
    func parkedKeys(
        of consumer: ConsumerProgress.Key, after key: ParkingKey?, limit: Int
    ) async throws(StoreError) -> [ParkedKey]

    /// One parked key; `nil` when it is not parked.
    func parkedKey(_ key: ParkingKey, of consumer: ConsumerProgress.Key) async throws(StoreError) -> ParkedKey?

    /// The positions that wait behind a key, in order, from behind `position` on; at most `limit`.
    func queue(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, after position: GlobalPosition, limit: Int
    ) async throws(StoreError) -> [GlobalPosition]

    /// The oldest request that is not done yet, of those lanes of one generation.
    func nextRetry(of consumers: [ConsumerProgress.Key]) async throws(StoreError) -> RequestedRetry?

    /// Asks the owner of the lease to try keys again. Keys of which something is asked already stay as they are.
    ///
    /// - Parameter keys: which; `nil` for all.
    /// - Returns: how many of them are parked, and so will be tried.
    func requestRetry(
        of keys: [ParkingKey]?, of consumer: ConsumerProgress.Key, by actor: String?
    ) async throws(StoreError) -> Int

    /// Asks the owner of the lease to leave out the event at which a key stands, and to try what waits behind it. It takes the place of
    /// whatever was asked before. Until that is done, no step of a retry folds the event.
    ///
    /// - Returns: whether the key stands at that event; if it does not, nothing is asked.
    func requestSkip(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, _ skip: RetryRequest.Skip, by actor: String
    ) async throws(StoreError) -> Bool
}

/// A parked key that is to be tried again, and where it is parked.
public struct RequestedRetry: Sendable, Hashable {
    /// Whose key: a generation, in a lane.
    public var consumer: ConsumerProgress.Key
    /// The key as it is.
    public var parked: ParkedKey

    /// A request by its parts.
    public init(of parked: ParkedKey, in consumer: ConsumerProgress.Key) {
        self.consumer = consumer
        self.parked = parked
    }
}

extension ParkingStore {
    /// All parked keys of a generation, lane by lane and in the order of their names, with where they are parked.
    public func allParkedKeys(
        of consumers: [ConsumerProgress.Key]
    ) async throws(StoreError) -> [(consumer: ConsumerProgress.Key, parked: ParkedKey)] {
        var all: [(consumer: ConsumerProgress.Key, parked: ParkedKey)] = []
        for consumer in consumers { all += try await allParkedKeys(of: consumer).map { (consumer, $0) } }
        return all
    }

    /// Keys that are read at a time.
    public static var parkedPage: Int { 1_000 }

    /// All parked keys of a projection, in the order of their names. There are at most as many as the projector's limit allows.
    public func allParkedKeys(of consumer: ConsumerProgress.Key) async throws(StoreError) -> [ParkedKey] {
        var all: [ParkedKey] = []
        while true {
            let page = try await parkedKeys(of: consumer, after: all.last?.key, limit: Self.parkedPage)
            all += page
            guard page.count == Self.parkedPage else { return all }
        }
    }
}
