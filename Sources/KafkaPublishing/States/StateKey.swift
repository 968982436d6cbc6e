import EventModel
import EventSourcing
import FoundationEssentials
import ReadModels

/// Whose state: the key of a record of the state topic.
///
/// As bytes it is the sync key in the workspace `default`, so that it equals the key of the records of the log, and `<workspace>` TAB
/// `<sync key>` in every other: compaction goes by the key alone, and two workspaces may have the same sync key. Neither part can hold a tab.
public struct StateKey: Sendable, Hashable {
    private static let separator = UInt8(ascii: "\t")

    /// The tenant.
    public let workspace: Workspace
    /// The execution.
    public let syncKey: String

    /// A key by its parts.
    public init(workspace: Workspace, syncKey: String) {
        self.workspace = workspace
        self.syncKey = syncKey
    }

    /// The key that an event concerns.
    init(of event: RecordedEvent) { self.init(workspace: event.workspace, syncKey: event.stream.syncKey) }

    /// Reads the key of a record; `nil` when it is none.
    public init?(bytes: some Collection<UInt8>) {
        guard let tab = bytes.firstIndex(of: Self.separator) else {
            guard !bytes.isEmpty else { return nil }
            self.init(workspace: .default, syncKey: String(decoding: bytes, as: UTF8.self))
            return
        }
        let name = String(decoding: bytes[..<tab], as: UTF8.self)
        let syncKey = String(decoding: bytes[bytes.index(after: tab)...], as: UTF8.self)
        guard let workspace = try? Workspace(name), !syncKey.isEmpty else { return nil }
        self.init(workspace: workspace, syncKey: syncKey)
    }

    /// The key of the record.
    public var bytes: [UInt8] {
        workspace == .default
            ? Array(syncKey.utf8) : Array(workspace.rawValue.utf8) + [Self.separator] + Array(syncKey.utf8)
    }

    /// The partition: that of the sync key, in every workspace.
    func lane(of count: Int) -> Lane {
        Array(syncKey.utf8).withUnsafeBytes { Lane(of: $0, count: count) }
    }
}
