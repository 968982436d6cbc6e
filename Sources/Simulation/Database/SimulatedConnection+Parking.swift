import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels

extension SimulatedConnection {
    func parkedKeys(
        of consumer: ConsumerProgress.Key, after key: ParkingKey?, limit: Int
    ) async throws(StoreError) -> [ParkedKey] {
        try await call(.read) { database in
            database.perform { $0.parking.parkedKeys(of: consumer, after: key, limit: limit) }
        }
    }

    func parkedKey(_ key: ParkingKey, of consumer: ConsumerProgress.Key) async throws(StoreError) -> ParkedKey? {
        try await call(.read) { database in
            database.perform { state -> ParkedKey? in state.parking.parkedKey(key, of: consumer) }
        }
    }

    func queue(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, after position: GlobalPosition, limit: Int
    ) async throws(StoreError) -> [GlobalPosition] {
        try await call(.read) { database in
            database.perform { $0.parking.queue(of: key, of: consumer, after: position, limit: limit) }
        }
    }

    func nextRetry(of consumers: [ConsumerProgress.Key]) async throws(StoreError) -> RequestedRetry? {
        try await call(.read) { database in
            database.perform { state -> RequestedRetry? in state.parking.nextRetry(of: consumers) }
        }
    }

    func requestRetry(
        of keys: [ParkingKey]?, of consumer: ConsumerProgress.Key, by actor: String?
    ) async throws(StoreError) -> Int {
        try await call(.write) { database in
            let now = database.clock.now()
            return database.perform { $0.parking.requestRetry(of: keys, of: consumer, by: actor, at: now) }
        }
    }

    func requestSkip(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, _ skip: RetryRequest.Skip, by actor: String
    ) async throws(StoreError) -> Bool {
        try await call(.write) { database in
            let now = database.clock.now()
            return database.perform { $0.parking.requestSkip(of: key, of: consumer, skip, by: actor, at: now) }
        }
    }
}
