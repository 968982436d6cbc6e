import EventModel
import FoundationEssentials

/// Events for one or several streams of a workspace, appended all or nothing.
public struct AppendRequest: Sendable, Hashable {
    /// The tenant.
    public var workspace: Workspace
    /// Each stream at most once, in the order in which positions are given out.
    public var streams: [StreamAppend]
    /// Streams that nothing is appended to, and that must be where they were when they were read: none of ``streams``, each at most once. One
    /// that is not keeps everything out, as a conflict. A repeat is recognised without looking at them.
    public var checks: [StreamCheck]

    /// A request over several streams.
    public init(workspace: Workspace = .default, streams: [StreamAppend], checks: [StreamCheck] = []) {
        self.workspace = workspace
        self.streams = streams
        self.checks = checks
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

/// A stream that was read for a decision about others.
public struct StreamCheck: Sendable, Hashable {
    /// Which.
    public var stream: StreamName
    /// Where it was then.
    public var expected: ExpectedVersion

    /// A stream, and where it was.
    public init(_ stream: StreamName, expecting expected: ExpectedVersion) {
        self.stream = stream
        self.expected = expected
    }
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
