import KafkaDriver

extension KafkaRecordTopic: ReplayTopic {
    /// One wait for messages; the silence that is tolerated is counted in these.
    private static let slice = Duration.milliseconds(500)

    /// Reads until the first record, or the end of every partition. A partition whose records are gone has been written to.
    public func isUntouched(lanes: Int) async throws(TopicError) -> Bool {
        do {
            let consumer = try KafkaConsumer(configuration)
            do {
                try consumer.assign(
                    (0..<lanes).map { KafkaStart(topic: name, partition: Int32($0), offset: .beginning) })
                let answer = try await holdsNothing(consumer, lanes: lanes)
                try? await consumer.close()
                return answer
            } catch {
                try? await consumer.close()
                throw error
            }
        } catch {
            throw TopicError(error)
        }
    }

    private func holdsNothing(_ consumer: KafkaConsumer, lanes: Int) async throws -> Bool {
        var ended: Set<Int32> = []
        var silent = Duration.zero
        while ended.count < lanes {
            let batch = try await consumer.next(maxMessages: 100, timeout: Self.slice)
            silent = batch.isEmpty ? silent + Self.slice : .zero
            for element in batch {
                switch element {
                case .message: return false
                case .endOfPartition(let position):
                    guard position.offset == 0 else { return false }
                    ended.insert(position.partition.partition)
                case .failure(let failure): if !failure.error.isRetriable { throw failure.error }
                case .rebalance: break
                }
            }
            guard silent < timing.silence else {
                throw TopicError.unavailable(reason: "topic \(name) gave no answer for \(timing.silence)")
            }
        }
        return true
    }
}
