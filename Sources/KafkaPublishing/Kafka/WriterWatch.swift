import EventModel
import KafkaDriver

/// Reads a topic beside its writer, and tells when a record of another writer appears in it: a leader that was paused for longer than its
/// lease and has come back. Its late record may be the last one of its key, so the newest state has to be written behind it.
struct WriterWatch: Sendable {
    private static let messagesPerPull = 1_000

    private let consumer: KafkaConsumer
    private let writer: Int64

    /// - Parameter ends: the offset of each partition from which on records are looked at.
    init(topic: String, writer: Int64, behind ends: [Int64], _ configuration: KafkaConfiguration) throws(KafkaError) {
        consumer = try KafkaConsumer(configuration)
        self.writer = writer
        try consumer.assign(
            ends.enumerated().map { KafkaStart(topic: topic, partition: Int32($0.offset), offset: .at($0.element)) })
    }

    /// Returns at the first record of another writer, or when the topic cannot be read; also when the task is cancelled.
    func untilForeign() async -> Disturbance {
        do throws(KafkaError) {
            while true {
                for element in try await consumer.next(maxMessages: Self.messagesPerPull) {
                    if let disturbance = judge(element) { return disturbance }
                }
            }
        } catch {
            return error.code == .cancelled || error.code == .closed
                ? .abandoned : .disconnected(reason: error.description)
        }
    }

    func close() async { try? await consumer.close() }

    private func judge(_ element: KafkaMessageBatch.Element) -> Disturbance? {
        switch element {
        case .message(let message):
            // What is no state at all hides one as well, if it has its key.
            guard StateMark(message)?.writer != writer else { return nil }
            return .foreignRecord(lane: Lane(message.partition), offset: message.offset)
        case .failure(let failure):
            return failure.error.isRetriable && !failure.isOffsetOutOfRange
                ? nil : .disconnected(reason: failure.error.description)
        case .endOfPartition, .rebalance: return nil
        }
    }
}
