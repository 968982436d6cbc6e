/// Batches of one consumer, as a sequence. Pulling is the back-pressure: nothing is buffered here.
public struct KafkaBatches: AsyncSequence, Sendable {
    /// A batch that is not empty.
    public typealias Element = KafkaMessageBatch
    /// What a pull fails with.
    public typealias Failure = KafkaError

    let consumer: KafkaConsumer
    let maxMessages: Int

    /// Begins to pull.
    public func makeAsyncIterator() -> Iterator { Iterator(consumer: consumer, maxMessages: maxMessages) }

    /// Pulls one batch after another.
    public struct Iterator: AsyncIteratorProtocol {
        let consumer: KafkaConsumer
        let maxMessages: Int

        /// The next batch that is not empty; nil when the consumer is closed or the task cancelled.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(KafkaError) -> KafkaMessageBatch? {
            while true {
                do {
                    let batch = try await consumer.next(maxMessages: maxMessages)
                    if !batch.isEmpty { return batch }
                } catch  where error.code == .cancelled || error.code == .closed { return nil }
            }
        }

        /// The next batch that is not empty; nil when the consumer is closed or the task cancelled.
        public mutating func next() async throws(KafkaError) -> KafkaMessageBatch? {
            try await next(isolation: nil)
        }
    }
}
