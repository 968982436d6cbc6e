import EventModel
import FoundationEssentials
import ReadModels

/// How one key stands, as far as its events were folded.
public struct KeyState: Sendable, Equatable {
    /// The row; `nil` when there is none.
    public private(set) var row: Row?
    /// The event that made the row what it is; `nil` while nothing has changed it.
    public private(set) var cause: Cause?
    /// Every event of the key up to here is folded in, or came behind the fault.
    public private(set) var through: GlobalPosition
    /// The event that cannot be folded. Nothing behind it is, before that is cured.
    public private(set) var fault: ProjectionFault?

    /// An event, as a state names it.
    public struct Cause: Sendable, Hashable {
        /// Its place in the log.
        public var position: GlobalPosition
        /// Its id.
        public var eventID: UUID
        /// When it was recorded.
        public var recordedAt: Timestamp
    }

    /// The state before the first event.
    public init() { through = .start }

    /// Folds one more event of the key; what was folded before is passed over.
    public mutating func fold(_ event: RecordedEvent, by projection: some Projection, skipping skips: SkippedEvents) {
        guard event.position > through, fault == nil else { return }
        through = event.position
        guard projection.interest.includes(event), !skips.includes(event) else { return }
        do throws(ProjectionFault) {
            guard let key = try projection.key(of: event) else { return }
            let next = try projection.fold(row, event)
            if let next, !projection.table.admits(next) || projection.table.key(of: next) != key {
                throw ProjectionFault(.misfitRow, in: projection, at: event)
            }
            guard next != row else { return }
            row = next
            cause = Cause(position: event.position, eventID: event.id, recordedAt: event.recordedAt)
        } catch {
            fault = error
        }
    }

    /// The log was read up to `position`; the key has no further event up to there.
    public mutating func complete(through position: GlobalPosition) { through = max(through, position) }
}

/// The states of keys that moved lately. A key that is not here is folded anew from its streams, so it may be forgotten at any time.
struct StateCache: Sendable {
    private let half: Int
    private var young: [StateKey: KeyState] = [:]
    private var old: [StateKey: KeyState] = [:]

    /// - Parameter limit: the most keys that are kept.
    init(limit: Int) { half = max(1, limit / 2) }

    subscript(key: StateKey) -> KeyState? { young[key] ?? old[key] }

    mutating func keep(_ state: KeyState, of key: StateKey) {
        if young.count >= half, young[key] == nil { (old, young) = (young, [:]) }
        young[key] = state
    }

    mutating func forget(_ key: StateKey) {
        young[key] = nil
        old[key] = nil
    }
}
