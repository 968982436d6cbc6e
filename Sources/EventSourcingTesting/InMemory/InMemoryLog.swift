import EventModel
import EventSourcing
import FoundationEssentials

/// The log as a value: what PostgreSQL's tables and the append function amount to, without a server.
///
/// Deliberately naive. It is the model that everything else is compared with.
public struct InMemoryLog: Sendable {
    /// One event with all its columns.
    public struct Entry: Sendable {
        /// Place in the one order.
        public let position: GlobalPosition
        /// Place in its stream.
        public let version: StreamVersion
        /// Workspace, category and type.
        public let kind: EventKind
        /// The stream.
        public let stream: StreamName
        /// When it was appended.
        public let recordedAt: Timestamp
        /// Everything its writer gave.
        public let draft: EventDraft
    }

    private struct StreamIdentity: Hashable {
        let workspace: Workspace
        let stream: StreamName
    }

    /// Every event; the one at index n has position n + 1.
    public private(set) var entries: [Entry] = []
    private var streams: [StreamIdentity: [Int]] = [:]
    private var indexOfID: [UUID: Int] = [:]
    private var kinds: [EventKind: EventKind] = [:]

    /// An empty log.
    public init() {}

    /// Position of the last event.
    public var head: GlobalPosition { GlobalPosition(Int64(entries.count)) }

    /// When the last event was appended.
    public var recordedAt: Timestamp? { entries.last?.recordedAt }

    /// The last version of a stream; `nil` when it does not exist.
    public func version(of stream: StreamName, in workspace: Workspace = .default) -> StreamVersion? {
        streams[StreamIdentity(workspace: workspace, stream: stream)].map { StreamVersion(Int64($0.count)) }
    }

    /// Events of one stream in stream order, as indices of ``entries``.
    func indices(of stream: StreamName, in workspace: Workspace) -> [Int] {
        streams[StreamIdentity(workspace: workspace, stream: stream)] ?? []
    }

    /// Appends all or nothing: repeats are found first, then conflicts.
    ///
    /// - Parameter now: the server's clock; recorded times never decrease, whatever it says.
    public mutating func append(_ append: CheckedAppend, at now: Timestamp) throws(AppendFlaw) -> AppendOutcome {
        let request = append.request
        if let receipt = try receiptOfRepeat(request) { return .repeated(receipt) }
        for part in request.streams {
            let actual = version(of: part.stream, in: request.workspace)
            guard part.expected.isSatisfied(by: actual) else {
                return .conflict(VersionConflict(stream: part.stream, expected: part.expected, actual: actual))
            }
        }
        for check in request.checks {
            let actual = version(of: check.stream, in: request.workspace)
            guard check.expected.isSatisfied(by: actual) else {
                return .conflict(VersionConflict(stream: check.stream, expected: check.expected, actual: actual))
            }
        }
        return .appended(store(request, at: max(now, recordedAt ?? now)))
    }

    /// The receipt of an append that is in the log already; `nil` when none of it is.
    private func receiptOfRepeat(_ request: AppendRequest) throws(AppendFlaw) -> AppendReceipt? {
        var known: [Int] = []
        var firstKnown: UUID?
        for part in request.streams {
            for event in part.events {
                guard let index = indexOfID[event.id] else { continue }
                let entry = entries[index]
                guard
                    entry.kind.workspace == request.workspace, entry.stream == part.stream,
                    entry.draft.type == event.type,
                    entry.draft.schemaVersion == event.schemaVersion, entry.draft.data == event.data
                else { throw .idReused(id: event.id, at: entry.position) }
                firstKnown = firstKnown ?? event.id
                known.append(index)
            }
        }
        guard let firstKnown, let first = known.first else { return nil }
        guard known.count == request.eventCount, known == Array(first..<first + known.count) else {
            throw .partlyRepeated(known: known.count, of: request.eventCount, firstKnown: firstKnown)
        }
        var versions: [StreamVersion] = []
        var end = first
        for part in request.streams {
            end += part.events.count
            versions.append(entries[end - 1].version)
        }
        return AppendReceipt(first: entries[first].position, last: entries[end - 1].position, versions: versions)
    }

    private mutating func store(_ request: AppendRequest, at recordedAt: Timestamp) -> AppendReceipt {
        let first = head.next
        var versions: [StreamVersion] = []
        for part in request.streams {
            let identity = StreamIdentity(workspace: request.workspace, stream: part.stream)
            for event in part.events {
                let index = entries.count
                streams[identity, default: []].append(index)
                indexOfID[event.id] = index
                entries.append(
                    Entry(
                        position: head.next, version: StreamVersion(Int64(streams[identity]?.count ?? 0)),
                        kind: kind(of: event.type, in: part.stream.category, request.workspace), stream: part.stream,
                        recordedAt: recordedAt, draft: event))
            }
            versions.append(StreamVersion(Int64(streams[identity]?.count ?? 0)))
        }
        return AppendReceipt(first: first, last: head, versions: versions)
    }

    /// The one shared instance of a kind: batches tell kinds apart by identity.
    private mutating func kind(of type: EventType, in category: Category, _ workspace: Workspace) -> EventKind {
        let kind = EventKind(workspace: workspace, category: category, type: type)
        if let known = kinds[kind] { return known }
        kinds[kind] = kind
        return kind
    }
}
