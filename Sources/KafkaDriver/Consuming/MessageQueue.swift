internal import CRDKafka
import Dispatch
import Synchronization

/// The consumer's queue inside librdkafka and the one thread that takes messages from it.
// `rd_kafka_queue_t` may be used from any thread and is freed once, in `deinit`, before the client it points into.
final class MessageQueue: @unchecked Sendable {
    private let client: KafkaClient
    private let handle: OpaquePointer
    private let pulling = DispatchQueue(label: "kafka.pull")
    /// Whether a pull is inside librdkafka, or about to be: only then may its wait be ended.
    private let isPulling = Mutex(false)

    init(_ client: KafkaClient) throws(KafkaError) {
        try rd_kafka_poll_set_consumer(client.handle).check()
        guard let handle = rd_kafka_queue_get_consumer(client.handle) else { throw KafkaError(.wrongState) }
        self.client = client
        self.handle = handle
    }

    deinit { rd_kafka_queue_destroy(handle) }

    /// Makes a pull that waits return with what it has. Whoever calls this has first set what the pull looks at.
    func endWait() {
        isPulling.withLock { if $0 { rd_kafka_queue_yield(handle) } }
    }

    /// Waits up to `timeout` for a first message, then takes what is there, up to `limit`.
    func pull(_ limit: Int, timeout: Duration) async throws(KafkaError) -> KafkaMessageBatch {
        let cancelled = CancellationMark()
        let batch = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                pulling.async { continuation.resume(returning: self.take(limit, timeout, unless: cancelled)) }
            }
        } onCancel: {
            cancelled.isSet.store(true, ordering: .releasing)
            endWait()
        }
        if batch.isEmpty {
            guard !client.isClosed else { throw KafkaError(.closed) }
            guard !cancelled.isSet.load(ordering: .acquiring) else { throw KafkaError(.cancelled) }
        }
        return batch
    }

    /// Leaves the group, on the thread that pulls, after the pull under way.
    func leave() async -> KafkaError? {
        await withCheckedContinuation { continuation in
            pulling.async { [client] in
                let code = rd_kafka_consumer_close(client.handle)
                continuation.resume(returning: code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code))
            }
        }
    }

    private final class CancellationMark: Sendable {
        let isSet = Atomic<Bool>(false)
    }

    /// librdkafka's batch call waits until it is full or late, so the first message is awaited alone.
    private func take(_ limit: Int, _ timeout: Duration, unless cancelled: CancellationMark) -> KafkaMessageBatch {
        let buffer = UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>.allocate(capacity: limit)
        buffer.initialize(repeating: nil)
        defer { buffer.deallocate() }
        let deadline = ContinuousClock.now + timeout
        var count = 0
        isPulling.withLock { $0 = true }
        defer { isPulling.withLock { $0 = false } }
        repeat {
            guard !client.isClosed, !cancelled.isSet.load(ordering: .acquiring) else { break }
            let rest = ContinuousClock.now.duration(to: deadline)
            count = receive(into: buffer.baseAddress, 1, rest.clampedMilliseconds)
        } while count == 0 && hasNoNews && ContinuousClock.now < deadline
        if count == 1, limit > 1 { count += receive(into: buffer.baseAddress.map { $0 + 1 }, limit - 1, 0) }
        return KafkaMessageBatch(
            client, adopting: buffer.prefix(count).compactMap { $0 },
            rebalances: client.callbacks.rebalances.withLock { $0.take() })
    }

    private var hasNoNews: Bool { client.callbacks.rebalances.withLock { $0.isEmpty } }

    private func receive(
        into buffer: UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>?, _ capacity: Int, _ wait: Int32
    ) -> Int {
        max(0, rd_kafka_consume_batch_queue(handle, wait, buffer, capacity))
    }
}
