internal import CRDKafka
import Synchronization

/// The answers to one batch. librdkafka holds it once, from the first message to the last answer.
// Slots are written by the owner of the batch before a message is handed to librdkafka and by librdkafka's threads
// after; they are read only once `progress`, under its lock, has said that all of them are written.
final class DeliveryLedger: @unchecked Sendable {
    enum Outcome: Sendable { case complete, cancelled }
    typealias Waiter = CheckedContinuation<Outcome, Never>

    private let client: KafkaClient
    private var chunks: [UnsafeMutablePointer<DeliverySlot>] = []
    private(set) var count = 0
    private(set) var refusal: KafkaError?
    private let progress = Mutex(DeliveryProgress<Waiter>())
    private let waiterIDs = Atomic<Int>(0)

    init(client: KafkaClient) {
        self.client = client
        _ = Unmanaged.passRetained(self)  // given back by `perform` when the batch is complete
    }

    deinit {
        for chunk in chunks { chunk.deallocate() }
    }

    /// Room for one more answer. Only the owner of the batch calls this.
    func nextSlot(partition: Int32) -> UnsafeMutablePointer<DeliverySlot> {
        let (chunk, index) = count.quotientAndRemainder(dividingBy: KafkaLimits.slotsPerChunk)
        if chunk == chunks.count { chunks.append(.allocate(capacity: KafkaLimits.slotsPerChunk)) }
        count += 1
        let slot = chunks[chunk] + index
        slot.initialize(
            to: DeliverySlot(
                ledger: Unmanaged.passUnretained(self), offset: crdkafka_offset_invalid, partition: partition, code: 0,
                persistence: 0))
        return slot
    }

    /// Counts a message that librdkafka did not take. Only the owner of the batch calls this.
    func refuse(_ slot: UnsafeMutablePointer<DeliverySlot>, _ error: KafkaError) {
        slot.pointee.code = error.code.rawValue
        if refusal == nil { refusal = error }
        receive(.reported)
    }

    func receive(_ input: DeliveryProgress<Waiter>.Input) {
        let action = progress.withLock { $0.receive(input) }
        switch action {
        case .none: break
        case .complete(let waiters):
            for waiter in waiters { waiter.resume(returning: .complete) }
            Unmanaged.passUnretained(self).release()
        case .tell(let waiter): waiter.resume(returning: .complete)
        case .release(let waiter): waiter.resume(returning: .cancelled)
        }
    }

    /// Waits until every message is accounted for, or the task is cancelled.
    func completion() async -> Outcome {
        let id = waiterIDs.add(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { receive(.awaited(id: id, $0)) }
        } onCancel: {
            receive(.cancelled(id: id))
        }
    }

    /// The answer to one message; valid only when complete.
    func delivery(at index: Int) -> KafkaDelivery {
        let (chunk, offset) = index.quotientAndRemainder(dividingBy: KafkaLimits.slotsPerChunk)
        let slot = chunks[chunk][offset]
        guard slot.code != 0 else { return KafkaDelivery(partition: slot.partition, offset: slot.offset) }
        return KafkaDelivery(partition: slot.partition, error: error(of: slot), persistence: persistence(of: slot))
    }

    /// Whether any message failed; valid only when complete.
    func firstFailure() -> Int? {
        (0..<count).first { index in
            let (chunk, offset) = index.quotientAndRemainder(dividingBy: KafkaLimits.slotsPerChunk)
            return chunks[chunk][offset].code != 0
        }
    }

    private func error(of slot: DeliverySlot) -> KafkaError {
        let code = KafkaErrorCode(rawValue: slot.code)
        if let refusal, refusal.code == code { return refusal }
        if let fatal = KafkaError.fatalCause(of: client.handle), code == .fatal || code == fatal.code { return fatal }
        return KafkaError(code)
    }

    private func persistence(of slot: DeliverySlot) -> KafkaDelivery.Persistence {
        switch rd_kafka_msg_status_t(rawValue: UInt32(slot.persistence)) {
        case RD_KAFKA_MSG_STATUS_PERSISTED: .persisted
        case RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED: .possiblyPersisted
        default: .notPersisted
        }
    }
}
