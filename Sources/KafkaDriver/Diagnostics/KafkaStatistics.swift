#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// librdkafka's report about itself, kept as it came; parsing is left to whoever wants to look.
public struct KafkaStatistics: Sendable {
    /// The report, as JSON.
    public let json: String

    /// The figures most people want.
    ///
    /// - Throws: a `DecodingError` when the report does not have the documented shape.
    public func snapshot() throws -> KafkaStatisticsSnapshot {
        try JSONDecoder().decode(KafkaStatisticsSnapshot.self, from: Data(json.utf8))
    }
}

/// A part of librdkafka's report, under names that carry their unit.
public struct KafkaStatisticsSnapshot: Sendable, Decodable {
    /// The client's name.
    public let name: String
    /// Messages waiting or in flight.
    public let queuedMessages: Int
    /// Bytes waiting or in flight.
    public let queuedBytes: Int
    /// Messages sent since the client was made.
    public let sentMessages: Int
    /// Bytes sent since the client was made.
    public let sentBytes: Int
    /// Messages received since the client was made.
    public let receivedMessages: Int
    /// Bytes received since the client was made.
    public let receivedBytes: Int
    /// The brokers, by name.
    public let brokers: [String: Broker]

    /// One broker.
    public struct Broker: Sendable, Decodable {
        /// `UP`, `DOWN`, `CONNECT` …
        public let state: String
        /// Requests that failed.
        public let transmitErrors: Int
        /// Mean round trip in microseconds over the interval.
        public let roundTripMicroseconds: Window?

        private enum CodingKeys: String, CodingKey {
            case state
            case transmitErrors = "txerrs"
            case roundTripMicroseconds = "rtt"
        }
    }

    /// A rolling window.
    public struct Window: Sendable, Decodable {
        /// The mean.
        public let average: Int
        /// The 99th percentile.
        public let percentile99: Int
        /// Samples in the window.
        public let count: Int

        private enum CodingKeys: String, CodingKey {
            case average = "avg"
            case percentile99 = "p99"
            case count = "cnt"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case queuedMessages = "msg_cnt"
        case queuedBytes = "msg_size"
        case sentMessages = "txmsgs"
        case sentBytes = "txmsg_bytes"
        case receivedMessages = "rxmsgs"
        case receivedBytes = "rxmsg_bytes"
        case brokers
    }
}
