import EventModel
import EventSourcing
import JourneyDomain

/// Finds the sessions that are on their way through a journey.
///
/// They are read from the log, not from the read model `sessions`: that follows the log at a distance, and a session which it does not show yet would
/// be left with a path that means something else. Here everything that was committed when the reading began is seen. The price is one pass
/// over the moves and ends of sessions of the workspace, and one over the stream of each session that was ever in the journey and is
/// not over.
struct LiveSessions<Store: EventStore>: Sendable {
    /// A live session, and the version of its stream that it was read at.
    struct Session: Sendable {
        let stream: StreamName
        let version: StreamVersion
        let way: SessionWay
    }

    let store: Store
    let workspace: Workspace

    private static var homes: [String] { [ParlantSessions.category, JourneySessions.category] }
    private static var entered: String { SessionFact.Kind.stateEntered.rawValue }

    /// The live sessions in `journey`, in the order in which they first entered it.
    func sessions(in journey: String) async throws -> [Session] {
        var sessions: [Session] = []
        for stream in try await streams(thatEntered: journey) {
            if let session = try await session(stream, in: journey) { sessions.append(session) }
        }
        return sessions
    }

    /// Streams in which a state of the journey was entered and the session is not over.
    private func streams(thatEntered journey: String) async throws -> [StreamName] {
        let kinds = [SessionFact.Kind.stateEntered, .closed]
        let types = Self.homes.flatMap { home in
            kinds.map { EventType(trusting: "\(home).\($0.rawValue)") }
        }
        var query: EventQuery? = EventQuery(
            .kinds(workspace: workspace, categories: [], types: types), through: try await store.head().position,
            limit: EventQuery.limitRange.upperBound)
        var streams: [StreamName] = []
        var known: Set<StreamName> = []
        var over: Set<StreamName> = []
        while let current = query {
            let page = try await store.read(current)
            for event in page.events {
                if !event.type.rawValue.hasSuffix(Self.entered) {
                    over.insert(event.stream)
                } else if !known.contains(event.stream), Self.names(journey, event) {
                    known.insert(event.stream)
                    streams.append(event.stream)
                }
            }
            query = current.next(after: page)
        }
        return streams.filter { !over.contains($0) }
    }

    private static func names(_ journey: String, _ event: RecordedEvent) -> Bool {
        let value = event.withData { try? JSONValue($0) }
        return value?["journey"]?.string == journey
    }

    private func session(_ stream: StreamName, in journey: String) async throws -> Session? {
        var state = SessionState()
        var version = StreamVersion(1)
        let isConversation = stream.category.rawValue == ParlantSessions.category
        var query: StreamQuery? = StreamQuery(workspace: workspace, stream)
        while let current = query {
            let page = try await store.read(current)
            for event in page.events {
                version = event.version
                // An erasure, which is no event of the session's, hides what was said and moves nobody.
                guard event.type.rawValue.hasPrefix("\(stream.category).") else { continue }
                state.apply(try isConversation ? ParlantSessionEvent(event).fact : JourneySessionEvent(event).fact)
            }
            query = current.next(after: page)
        }
        let home: SessionStream = isConversation ? .conversation(stream.syncKey) : .execution(stream.syncKey)
        return state.way(through: journey, in: home).map { Session(stream: stream, version: version, way: $0) }
    }
}
