import EventSourcing
import KafkaPublishing

/// How the log is copied to Kafka.
struct PublisherSettings: Sendable {
    /// The most events under way to the broker (`publisher.window.events`).
    var windowEvents: Int
    /// The most bytes under way to the broker (`publisher.window.bytes`).
    var windowBytes: Int
    /// Milliseconds between an acknowledgement and the checkpoint that covers it, at most (`publisher.checkpoint.milliseconds`).
    var checkpointMilliseconds: Int

    static let eventRange = 1...1_000_000
    static let byteRange = 1_048_576...1_073_741_824
    static let checkpointRange = 1...60_000

    init(_ source: SettingsSource) throws(Failure) {
        let defaults = PublisherLimits()
        windowEvents = try source.number("publisher.window.events", in: Self.eventRange) ?? defaults.windowEvents
        windowBytes = try source.number("publisher.window.bytes", in: Self.byteRange) ?? defaults.windowBytes
        checkpointMilliseconds = try source.number("publisher.checkpoint.milliseconds", in: Self.checkpointRange) ?? 200
    }

    /// - Parameter drain: how long a shutdown waits for what is under way.
    func limits(drain: Duration) -> PublisherLimits {
        PublisherLimits(
            windowEvents: windowEvents, windowBytes: windowBytes,
            checkpointInterval: .milliseconds(checkpointMilliseconds),
            drainTime: drain)
    }
}
