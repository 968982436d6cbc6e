internal import CRDKafka
import Synchronization

/// Lets a new batch in while the producer's queue has room.
///
/// Looked at after every turn of the poll loop, so it needs no callback of its own. A race is a value: see ``Queue``.
final class BatchDoor: Sendable {
    typealias Waiter = CheckedContinuation<Bool, Never>

    /// Who waits at the door, in order of arrival.
    struct Queue<Waiter> {
        private var waiting: [(id: Int, waiter: Waiter)] = []
        private var cancelledEarly: Set<Int> = []
        private var nextID = 0

        mutating func ticket() -> Int {
            nextID += 1
            return nextID
        }

        /// Returns the waiter when it was cancelled before it came.
        mutating func arrive(_ id: Int, _ waiter: Waiter) -> Waiter? {
            if cancelledEarly.remove(id) != nil { return waiter }
            waiting.append((id, waiter))
            return nil
        }

        /// Returns the waiter when it is still at the door.
        mutating func cancel(_ id: Int) -> Waiter? {
            guard let index = waiting.firstIndex(where: { $0.id == id }) else {
                cancelledEarly.insert(id)
                return nil
            }
            return waiting.remove(at: index).waiter
        }

        /// Forgets a ticket whose holder has left.
        mutating func forget(_ id: Int) { cancelledEarly.remove(id) }

        mutating func admitAll() -> [Waiter] {
            defer { waiting = [] }
            return waiting.map(\.waiter)
        }
    }

    private let client: KafkaClient
    private let queue = Mutex(Queue<Waiter>())

    init(_ client: KafkaClient) { self.client = client }

    private var isOpen: Bool {
        client.isClosed
            || Int(rd_kafka_outq_len(client.handle)) * 100 < client.queueCapacity * KafkaLimits.queueHighWaterPercent
    }

    func enter() async throws(KafkaError) {
        guard !isOpen else { return }
        let id = queue.withLock { $0.ticket() }
        let admitted = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.withLock { $0.arrive(id, continuation) }?.resume(returning: false)
            }
        } onCancel: {
            queue.withLock { $0.cancel(id) }?.resume(returning: false)
        }
        queue.withLock { $0.forget(id) }
        guard admitted else { throw KafkaError(.cancelled) }
    }

    /// Called on the poll loop's thread.
    func admitWaiting() {
        guard isOpen else { return }
        for waiter in queue.withLock({ $0.admitAll() }) { waiter.resume(returning: true) }
    }
}
