import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import KafkaPublishing
import Synchronization

/// A producer: chunks of records travel to each partition in order, and their acknowledgements come back, or not.
final class SimulatedSession: RecordSession {
    typealias Record = SimulatedBroker.Record

    private struct State {
        var incarnation: UUID?
        var disturbance: Disturbance?
        var waiters: [UInt64: CheckedContinuation<Disturbance, Never>] = [:]
        var deliveries: [SimulatedDelivery] = []
        /// When the last chunk of each lane arrives: later ones arrive later.
        var arrivals: [Int64]
        var isAbandoned = false
        var hasSent: Set<Lane> = []
    }

    private let process: SimulatedProcess
    private let broker: SimulatedBroker
    private let state: Mutex<State>

    /// A producer that has reached the broker and has nothing to send yet.
    init(_ process: SimulatedProcess, _ broker: SimulatedBroker) {
        self.process = process
        self.broker = broker
        state = Mutex(State(arrivals: Array(repeating: 0, count: broker.lanes)))
    }

    private var world: World { process.world }

    /// Records carry the log's incarnation from now on.
    func begin(_ incarnation: UUID) { state.withLock { $0.incarnation = incarnation } }

    func submit(_ batch: OutgoingBatch) async throws(TopicError) -> any RecordDelivery {
        let (isAbandoned, known) = state.withLock { ($0.isAbandoned, $0.incarnation) }
        guard process.isAlive, !isAbandoned, let incarnation = known else { throw .unavailable(reason: "abandoned") }
        let delivery = SimulatedDelivery(records: batch.records.count, number: world.scheduler.nextNumber())
        state.withLock { $0.deliveries.append(delivery) }
        var byLane = [[(place: Int, record: Record)]](repeating: [], count: broker.lanes)
        for (place, record) in batch.records.enumerated() {
            let event = batch.events[record.index]
            let mark = RecordMark(
                position: event.position, previous: previous(of: record), eventID: event.id, incarnation: incarnation)
            byLane[Int(record.lane.rawValue)].append((place, Record(mark: mark, event: event)))
        }
        for (lane, records) in byLane.enumerated() where !records.isEmpty {
            send(records, to: Lane(Int32(lane)), for: delivery)
        }
        return delivery
    }

    private func previous(of record: OutgoingBatch.Record) -> GlobalPosition {
        guard world.mutation == .chainRestarted else { return record.previous }
        return state.withLock { $0.hasSent.insert(record.lane).inserted } ? .start : record.previous
    }

    private func send(_ records: [(place: Int, record: Record)], to lane: Lane, for delivery: SimulatedDelivery) {
        let delay = world.latency()
        let now = world.time
        let arrival = state.withLock { state in
            state.arrivals[Int(lane.rawValue)] = max(
                state.arrivals[Int(lane.rawValue)] + 1, now + delay.wholeMicroseconds)
            return state.arrivals[Int(lane.rawValue)]
        }
        world.scheduler.plan(after: .microseconds(arrival - now)) { self.arrive(records, at: lane, for: delivery) }
    }

    private func arrive(_ records: [(place: Int, record: Record)], at lane: Lane, for delivery: SimulatedDelivery) {
        let rates = world.rates
        let isGone = state.withLock { $0.isAbandoned || $0.disturbance != nil } || !process.isAlive
        if isGone, !world.strikes(.straggler, perMille: rates.straggler) { return }
        if world.strikes(.chunkLost, perMille: rates.chunkLost) {
            return disturb(.deliveryFailed(reason: "simulated loss"), after: world.latency())
        }
        guard let offsets = broker.append(records.map(\.record), to: lane) else {
            return disturb(.disconnected(reason: "simulated outage"))
        }
        guard !world.strikes(.acknowledgementLost, perMille: rates.acknowledgementLost) else {
            return retry(records, offsets, at: lane, for: delivery)
        }
        acknowledge(records, offsets, for: delivery)
    }

    /// The producer sends again; an idempotent broker that still knows the producer answers with the first offsets.
    private func retry(
        _ records: [(place: Int, record: Record)], _ offsets: [Int64], at lane: Lane, for delivery: SimulatedDelivery
    ) {
        let isForgotten = world.strikes(.duplicateDelivery, perMille: world.rates.duplicateDelivery)
        world.scheduler.plan(after: world.roll { $0.duration(10_000...600_000) }) {
            guard isForgotten else { return self.acknowledge(records, offsets, for: delivery) }
            guard let again = self.broker.append(records.map(\.record), to: lane) else { return }
            self.acknowledge(records, again, for: delivery)
        }
    }

    private func acknowledge(
        _ records: [(place: Int, record: Record)], _ offsets: [Int64], for delivery: SimulatedDelivery
    ) {
        world.scheduler.plan(after: world.latency(), of: process.id) {
            delivery.acknowledge(zip(records.map(\.place), offsets).map { ($0, $1) })
        }
    }

    private func disturb(_ disturbance: Disturbance, after delay: Duration) {
        world.scheduler.plan(after: delay, of: process.id) { self.disturb(disturbance) }
    }

    /// Ends the session; everyone who waits for it learns why.
    func disturb(_ disturbance: Disturbance) {
        let (waiters, deliveries) = state.withLock { state in
            if state.disturbance == nil { state.disturbance = disturbance }
            defer {
                state.waiters = [:]
                state.deliveries = []
            }
            return (state.waiters.sorted { $0.key < $1.key }.map(\.value), state.deliveries)
        }
        for waiter in waiters { waiter.resume(returning: disturbance) }
        for delivery in deliveries { delivery.fail("\(disturbance)") }
    }

    func untilDisturbed() async -> Disturbance {
        let ticket = world.scheduler.nextNumber()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let known = state.withLock { state -> Disturbance? in
                    if let disturbance = state.disturbance { return disturbance }
                    if Task.isCancelled { return .abandoned }
                    state.waiters[ticket] = waiter
                    return nil
                }
                if let known { waiter.resume(returning: known) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume(returning: .abandoned)
        }
    }

    func abandon() async {
        state.withLock { $0.isAbandoned = true }
        broker.dismiss(self)
        disturb(.abandoned)
    }
}

/// A batch on its way.
final class SimulatedDelivery: RecordDelivery {
    private struct State {
        var offsets: [Int64?]
        var missing: Int
        var outcome: DeliveryOutcome?
        var waiter: CheckedContinuation<DeliveryOutcome, Never>?
    }

    private let state: Mutex<State>
    let number: UInt64

    init(records: Int, number: UInt64) {
        self.number = number
        state = Mutex(State(offsets: Array(repeating: nil, count: records), missing: records))
    }

    func acknowledge(_ offsets: [(place: Int, offset: Int64)]) {
        let settled = state.withLock { state -> Bool in
            for (place, offset) in offsets where state.offsets[place] == nil {
                state.offsets[place] = offset
                state.missing -= 1
            }
            return state.missing == 0
        }
        guard settled else { return }
        settle(.acknowledged(offsets: state.withLock { $0.offsets.compactMap { $0 } }))
    }

    func fail(_ reason: String) { settle(.failed(reason: reason)) }

    private func settle(_ outcome: DeliveryOutcome) {
        let waiter = state.withLock { state in
            if state.outcome == nil { state.outcome = outcome }
            return state.waiter.take()
        }
        waiter?.resume(returning: outcome)
    }

    func outcome() async -> DeliveryOutcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let known = state.withLock { state -> DeliveryOutcome? in
                    if let outcome = state.outcome { return outcome }
                    if Task.isCancelled { return .failed(reason: "cancelled") }
                    state.waiter = waiter
                    return nil
                }
                if let known { waiter.resume(returning: known) }
            }
        } onCancel: {
            fail("cancelled")
        }
    }
}
