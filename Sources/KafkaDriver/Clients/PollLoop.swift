internal import CRDKafka
import Dispatch
import Synchronization

/// The thread on which a producer's callbacks run. It holds the client until it is told to stop.
final class PollLoop: Sendable {
    private let stopping = Atomic<Bool>(false)

    /// Starts the thread. `afterEachTurn` runs on it after every round of callbacks, `afterwards` once at the end.
    func start(
        _ client: KafkaClient, afterEachTurn: @escaping @Sendable () -> Void,
        afterwards: @escaping @Sendable () -> Void
    ) {
        DispatchQueue(label: "kafka.poll").async { [self] in
            while !stopping.load(ordering: .acquiring) {
                rd_kafka_poll(client.handle, KafkaLimits.pollMilliseconds)
                afterEachTurn()
            }
            afterwards()
        }
    }

    /// Makes the thread leave its wait and end.
    func stop(_ client: KafkaClient) {
        stopping.store(true, ordering: .releasing)
        wake(client)
    }

    /// Makes the thread leave its wait and run `afterEachTurn`.
    func wake(_ client: KafkaClient) {
        guard let queue = rd_kafka_queue_get_main(client.handle) else { return }
        rd_kafka_queue_yield(queue)
        rd_kafka_queue_destroy(queue)
    }
}
