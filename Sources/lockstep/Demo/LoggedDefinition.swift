import EventModel
import EventSourcing
import WorkflowDomain

/// A workflow's definition as the log has left it, and which event was the last to change it.
///
/// The end of the stream is no measure of that: publications, archivings, parts of files and records of erasures stand behind it and change nothing.
struct LoggedDefinition: Sendable, Equatable {
    let digest: ContentDigest
    /// Counts definitions, not events.
    let revision: Int
    /// Where the event is that made it what it is.
    let position: GlobalPosition

    /// - Returns: `nil` when the log knew no such workflow at `head`.
    static func read(
        _ stream: StreamName, from store: some EventStore, through head: GlobalPosition
    ) async throws -> LoggedDefinition? {
        var state = WorkflowDecider.initialState
        var last: LoggedDefinition?
        var query: StreamQuery? = StreamQuery(stream)
        while let current = query {
            let page = try await store.read(current)
            for event in page.events where event.type.rawValue.hasPrefix("\(WorkflowEvent.category).") {
                guard event.position <= head else { return last }
                state = WorkflowDecider.evolve(state, try WorkflowEvent(event))
                guard case .present(let workflow) = state, workflow.revision != last?.revision else { continue }
                last = LoggedDefinition(
                    digest: workflow.digest, revision: workflow.revision, position: event.position)
            }
            query = current.next(after: page)
        }
        return last
    }
}
