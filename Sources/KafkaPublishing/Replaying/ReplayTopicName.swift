import EventSourcing

/// The name of a topic that a replay may write to: none of those that a running system reads.
public struct ReplayTopicName: Sendable, Hashable {
    /// Bytes of a name, by Kafka's own rule.
    public static let lengthLimit = 249
    /// How the topics of a log end, whatever the prefix. No replay writes to such a name, so none can reach a live consumer.
    public static let reservedEndings = ["events", "inbound", "rejected", "state"]

    /// The name.
    public let text: String

    /// A name from outside.
    ///
    /// - Throws: ``ReplayFault/refused(reason:cure:)`` for a name of a live topic, of any prefix, and for one that Kafka does not take.
    public init(_ text: String) throws(ReplayFault) {
        let isLegal = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isLegal, (1...Self.lengthLimit).contains(text.utf8.count), text != ".", text != ".." else {
            throw .refused(
                reason: "the topic's name is not one for Kafka",
                cure: "give 1 to \(Self.lengthLimit) letters, digits, '.', '_' or '-'")
        }
        let ending = text.split(separator: ".", omittingEmptySubsequences: false).last.map { $0.lowercased() } ?? ""
        guard !Self.reservedEndings.contains(ending) else {
            throw .refused(
                reason: "\(text) is the name of a live topic, which a replay never writes to",
                cure: "give a name of its own, for instance \(text).replay")
        }
        self.text = text
    }
}
