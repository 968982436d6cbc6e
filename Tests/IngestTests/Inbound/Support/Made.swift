import EventModel
import Synchronization

/// What was made, in order.
final class Made: Sendable {
    private let all = Mutex<[String]>([])

    var names: [String] { all.withLock { $0 } }

    func add(_ workspace: Workspace) { all.withLock { $0.append(workspace.rawValue) } }
}

extension Workspace {
    /// A workspace whose name a test knows to be one.
    init(trusting name: String) {
        self = (try? Workspace(name)) ?? .default
    }
}
