import EventModel
import EventSourcing
import Synchronization
import WorkflowDomain

/// Which mapping is active for each workflow of a workspace, read from the log: an execution pins it with its first event.
///
/// It follows the streams of mappings from where it has come to, so looking again costs what is new.
public final class ActiveMappings<Store: EventStore>: Sendable {
    private let store: Store
    private let workspace: Workspace
    private let known = Mutex(Known())

    private struct Known {
        var versions: [String: Int] = [:]
        var position = GlobalPosition.start
    }

    /// The mappings of `workspace`; none are known before the first ``refresh()``.
    public init(of workspace: Workspace = .default, in store: Store) {
        self.store = store
        self.workspace = workspace
    }

    /// The active mapping of a workflow, as of the latest ``refresh()``; `nil` when there was none.
    public func pin(for workflow: WorkflowID) -> MappingPin? {
        known.withLock { $0.versions[workflow.text] }.map { MappingPin(mapping: workflow.text, version: $0) }
    }

    /// Takes in what has happened to mappings since. Calls may overlap: each event is applied once, in order.
    public func refresh() async throws(StoreError) {
        while true {
            let after = known.withLock(\.position)
            let page = try await store.read(
                EventQuery(
                    .kinds(
                        workspace: workspace, categories: [StreamName(trusting: "mapping-any").category],
                        types: [Self.activated, Self.retired]), after: after))
            known.withLock { known in
                // Somebody else has applied this page, or more.
                guard known.position == after else { return }
                for event in page.events { Self.apply(event, to: &known.versions) }
                known.position = page.cursor
            }
            if page.isEnd { return }
        }
    }

    private static var activated: EventType { EventType(trusting: "mapping.activated") }
    private static var retired: EventType { EventType(trusting: "mapping.retired") }

    private static func apply(_ event: RecordedEvent, to versions: inout [String: Int]) {
        guard let version = (try? JSONValue(event.data))?["version"]?.int else { return }
        let workflow = event.stream.syncKey
        if event.type == activated {
            versions[workflow] = version
        } else if versions[workflow] == version {
            versions[workflow] = nil
        }
    }
}
