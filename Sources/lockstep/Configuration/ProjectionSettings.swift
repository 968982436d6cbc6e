import Projector
import ReadModels

/// How the log is folded into read models.
struct ProjectionSettings: Sendable {
    /// Events of the largest batch (`projector.batch.events`).
    var batchEvents: Int
    /// Milliseconds between two looks at the end of the log when no notification arrives (`projector.poll.milliseconds`).
    var pollMilliseconds: Int
    /// Seconds without progress, while work exists, after which a consumer counts as stalled (`projector.stall.seconds`).
    var stallSeconds: Int

    /// Whether a rebuild makes a generation with one checkpoint (`whole`, the default) or with one for each lane (`by-lane`), which several
    /// processes can share (`projector.layout`).
    var layout: Layout

    /// Where generations with a checkpoint for each lane read events: in the log (`log`, the default), or in its topic (`topic`), whose partitions a
    /// consumer group gives out (`projector.source`).
    var source: Source

    /// Where events are read, as it is named.
    enum Source: String, CaseIterable, Sendable {
        case log
        case topic
    }

    /// How a generation keeps its checkpoints, as it is named.
    enum Layout: String, CaseIterable, Sendable {
        case whole
        case byLane = "by-lane"
    }

    static let batchRange = 1...10_000
    static let pollRange = 5...60_000
    static let stallRange = 1...86_400

    init(_ source: SettingsSource) throws(Failure) {
        batchEvents = try source.number("projector.batch.events", in: Self.batchRange) ?? ProjectorLimits().largestBatch
        pollMilliseconds = try source.number("projector.poll.milliseconds", in: Self.pollRange) ?? 250
        stallSeconds = try source.number("projector.stall.seconds", in: Self.stallRange) ?? 30
        let name = source.text("projector.layout") ?? Layout.whole.rawValue
        guard let layout = Layout(rawValue: name) else {
            throw SettingsSource.misfit("projector.layout", Table.printable(name, cutAt: 80), "whole or by-lane")
        }
        self.layout = layout
        let place = source.text("projector.source") ?? Source.log.rawValue
        guard let chosen = Source(rawValue: place) else {
            throw SettingsSource.misfit("projector.source", Table.printable(place, cutAt: 80), "log or topic")
        }
        self.source = chosen
    }

    var limits: ProjectorLimits {
        ProjectorLimits(
            smallestBatch: min(256, batchEvents), largestBatch: batchEvents,
            pollInterval: .milliseconds(pollMilliseconds))
    }
}

extension ProjectionSettings.Layout {
    /// For a log with so many lanes.
    func layout(lanes: Int) -> LaneLayout { self == .whole ? .whole : .byLane(lanes) }
}
