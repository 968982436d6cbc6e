import EventModel
import FoundationEssentials

/// Events for one or several streams of a workspace, appended all or nothing.
public struct AppendRequest: Sendable, Hashable {
    /// The tenant.
    public var workspace: Workspace
    /// Each stream at most once, in the order in which positions are given out.
    public var streams: [StreamAppend]

    /// A request over several streams.
    public init(workspace: Workspace = .default, streams: [StreamAppend]) {
        self.workspace = workspace
        self.streams = streams
    }

    /// A request for one stream.
    public init(
        workspace: Workspace = .default, _ events: [EventDraft], to stream: StreamName,
        expecting expected: ExpectedVersion
    ) {
        self.init(workspace: workspace, streams: [StreamAppend(events, to: stream, expecting: expected)])
    }

    /// Events of all streams.
    public var eventCount: Int { streams.reduce(0) { $0 + $1.events.count } }
}

/// The part of an append that concerns one stream.
public struct StreamAppend: Sendable, Hashable {
    /// Where to.
    public var stream: StreamName
    /// The version that was decided against.
    public var expected: ExpectedVersion
    /// In stream order; at least one.
    public var events: [EventDraft]

    /// The part of an append that concerns one stream.
    public init(_ events: [EventDraft], to stream: StreamName, expecting expected: ExpectedVersion) {
        self.stream = stream
        self.expected = expected
        self.events = events
    }
}
