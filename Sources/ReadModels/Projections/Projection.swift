import EventModel

/// A read model as a pure fold: which events it needs, which row an event concerns, and what the event does to that row.
///
/// One fold serves every path – live, rebuild and the naive fold that tests compare with (L4) – so it does no I/O and takes nothing
/// but the row and the event. Folds need not be idempotent: the checkpoint, which moves in the transaction of the rows, gives each
/// event to the fold exactly once.
public protocol Projection: Sendable {
    /// The name of the consumer and of the view, for instance `workflows`.
    var name: String { get }
    /// Grows with every change of the fold or of the table: another version is another generation.
    var version: Int { get }
    /// The generation that the rows belong to; the version unless a registry says otherwise.
    var generation: Int { get }
    /// How the generation keeps its checkpoints; one for all lanes together unless a registry says otherwise.
    var layout: LaneLayout { get }
    /// Where the rows are kept.
    var table: TableDefinition { get }
    /// The events that the fold is given; all others only move the checkpoint.
    var interest: EventInterest { get }

    /// What each version has changed in the rows of the version before, so that a comparison of generations can tell a change that was
    /// meant from one that was not.
    var declaredChanges: [DeclaredChange] { get }

    /// The row that an event concerns; `nil` when it concerns none after all.
    ///
    /// - Throws: ``ProjectionFault`` when the payload should say it and does not. Then the event's sync key is set aside, so such an event must
    ///   share the sync key with every event of its row; what is told by the stream's name alone always does.
    func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey?

    /// The row after the event; `nil` when there is none any more.
    ///
    /// - Parameters:
    ///   - row: the row with the event's key as the events before have left it; always `nil` in an append-only table.
    ///   - event: an event of ``interest`` whose key is not `nil`.
    /// - Throws: ``ProjectionFault`` when the event cannot be folded. Nothing of its row behind it is folded before that is cured.
    func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row?
}

extension Projection {
    /// The version: the first generation of each version has its number.
    public var generation: Int { version }
    /// One checkpoint for all lanes together.
    public var layout: LaneLayout { .whole }
    /// None.
    public var declaredChanges: [DeclaredChange] { [] }
}

/// What a version of a projection changes in rows that the version before made.
public struct DeclaredChange: Sendable, Hashable {
    /// The version that changes it.
    public let since: Int
    /// The columns whose values may differ.
    public let columns: [String]
    /// Why, for people.
    public let reason: String

    /// A change, declared.
    public init(since: Int, columns: [String], reason: String) {
        self.since = since
        self.columns = columns
        self.reason = reason
    }
}

/// Which events a projection needs.
public enum EventInterest: Sendable, Hashable {
    /// Every event of the log.
    case all
    /// Events of these types, in every category.
    case types(Set<EventType>)
    /// Every event of these categories.
    case categories(Set<Category>)

    /// Whether an event is needed.
    public func includes(_ event: RecordedEvent) -> Bool {
        switch self {
        case .all: true
        case .types(let types): types.contains(event.type)
        case .categories(let categories): categories.contains(event.category)
        }
    }
}
