import Projector

/// How the log is folded into read models.
struct ProjectionSettings: Sendable {
    /// Events of the largest batch (`projector.batch.events`).
    var batchEvents: Int
    /// Milliseconds between two looks at the end of the log when no notification arrives (`projector.poll.milliseconds`).
    var pollMilliseconds: Int
    /// Seconds without progress, while work exists, after which a consumer counts as stalled (`projector.stall.seconds`).
    var stallSeconds: Int

    static let batchRange = 1...10_000
    static let pollRange = 5...60_000
    static let stallRange = 1...86_400

    init(_ source: SettingsSource) throws(Failure) {
        batchEvents = try source.number("projector.batch.events", in: Self.batchRange) ?? ProjectorLimits().largestBatch
        pollMilliseconds = try source.number("projector.poll.milliseconds", in: Self.pollRange) ?? 250
        stallSeconds = try source.number("projector.stall.seconds", in: Self.stallRange) ?? 30
    }

    var limits: ProjectorLimits {
        ProjectorLimits(
            smallestBatch: min(256, batchEvents), largestBatch: batchEvents,
            pollInterval: .milliseconds(pollMilliseconds))
    }
}
