import Foundation
import KafkaDriver

/// A topic as a consumer sees it that knows nothing but the rule: accept a record whose `ls_previous` is the last accepted position.
struct TopicCopy {
    private(set) var accepted: [Int] = []
    private(set) var ignored = 0

    /// Reads from the beginning until the end of every partition, or until enough were accepted. A topic that is not there is empty.
    static func read(_ topic: String, partitions: Int32 = 3, limit: Int) async throws -> TopicCopy {
        let configuration = KafkaConfiguration(bootstrapServers: Program.brokers ?? "")
        guard try await KafkaAdmin(configuration).metadata(of: topic) != nil else { return TopicCopy() }
        let consumer = try KafkaConsumer(configuration)
        try consumer.assign((0..<partitions).map { KafkaStart(topic: topic, partition: $0, offset: .beginning) })
        var copy = TopicCopy()
        var last: [Int32: Int] = [:]
        var ended: Set<Int32> = []
        while ended.count < partitions, copy.accepted.count < limit {
            for element in try await consumer.next() {
                if case .endOfPartition(let place) = element { ended.insert(place.partition.partition) }
                guard case .message(let message) = element,
                    let position = message.headers.text("ls_position").flatMap({ Int($0) }),
                    let previous = message.headers.text("ls_previous").flatMap({ Int($0) })
                else { continue }
                guard previous == last[message.partition, default: 0] else {
                    copy.ignored += 1
                    continue
                }
                last[message.partition] = position
                copy.accepted.append(position)
            }
        }
        try await consumer.close()
        return copy
    }
}
