import EventModel
import ReadModels
import Synchronization

/// How the states of a rule are put down and taken up.
public struct SnapshotFold<D: Decider & SendableMetatype>: SnapshotFolding
where D.Event: DomainEvent & SendableMetatype {
    /// The category of the events that it folds.
    public let name: String
    private let known: KnownFingerprint
    let written: @Sendable (D.State) -> JSONValue
    let read: @Sendable (PayloadReader) -> Result<D.State, EventFlaw>
    let areEqual: @Sendable (D.State, D.State) -> Bool

    /// The fold of a rule.
    ///
    /// - Parameter samples: every registered sample of every version of its events, in any order.
    public init(of decider: D.Type = D.self, samples: [FoldSample])
    where D.State: Snapshotable {
        name = D.Event.category
        known = KnownFingerprint { FoldFingerprint(of: D.self, samples: samples).digest }
        written = { $0.snapshot }
        read = { reader in Result { () throws(EventFlaw) in try D.State(snapshot: reader) } }
        areEqual = { $0 == $1 }
    }

    /// What the fold, upcasters included, makes of the samples, and how it writes that: a snapshot of another fingerprint was made by a fold that
    /// does something else. It folds the samples when it is first asked for: milliseconds.
    public var fingerprint: ContentDigest { known.digest }
}

/// The fold of some rule.
public protocol SnapshotFolding: Sendable {
    /// The category of the events that it folds.
    var name: String { get }
    /// What it does.
    var fingerprint: ContentDigest { get }

    /// Folds the events of a snapshot anew and compares. A mismatch is put on record; see ``SnapshotStore/record(_:)``.
    func verdict<Store: EventStore>(
        on snapshot: Snapshot, of snapshots: Snapshots, in log: Store
    ) async -> SnapshotVerdict
}

/// What came of a check.
public enum SnapshotVerdict: Sendable, Hashable {
    /// It is what its events amount to.
    case agrees
    /// It is not.
    case differs
    /// Nobody would use it.
    case useless(SnapshotFlaw)
    /// The log did not answer, or holds an event that cannot be read.
    case unknown
}

extension SnapshotFold {
    /// As the protocol says.
    public func verdict<Store: EventStore>(
        on snapshot: Snapshot, of snapshots: Snapshots, in log: Store
    ) async -> SnapshotVerdict {
        switch await snapshots.taken(up: snapshot, by: self) {
        case .failure(let flaw): return .useless(flaw)
        case .success(let folded):
            let store = RetryingStore(
                log, limits: CommandLimits(), time: SystemTimekeeper(), random: SystemRandomSource())
            let loading = StreamLoading<D, Store>(store: store, workspace: snapshot.key.workspace)
            let beginning = SnapshotBeginning(mark: snapshot.mark, folded: folded)
            return await snapshots.verdict(on: beginning, of: snapshot.key, by: self, against: loading)
        }
    }
}

/// A fingerprint that is worked out once.
private final class KnownFingerprint: Sendable {
    private let found = Mutex<ContentDigest?>(nil)
    private let find: @Sendable () -> ContentDigest

    init(_ find: @escaping @Sendable () -> ContentDigest) { self.find = find }

    var digest: ContentDigest {
        found.withLock { found in
            if let found { return found }
            let digest = find()
            found = digest
            return digest
        }
    }
}

/// What a fold does with samples of its events: each alone, each behind every one that begins something, and all of them in a row.
///
/// What the samples do not show, it does not see: a branch that none of them takes. That is what checks at random are for.
struct FoldFingerprint<D: Decider> where D.State: Snapshotable, D.Event: DomainEvent {
    private let events: [Result<D.Event, EventFlaw>]

    init(of decider: D.Type, samples: [FoldSample]) {
        let own = samples.filter { $0.type.rawValue.hasPrefix("\(D.Event.category).") }
        let sorted = own.sorted { ($0.type, $0.schemaVersion) < ($1.type, $1.schemaVersion) }
        events = sorted.map { sample in
            Result { () throws(EventFlaw) in
                try D.Event(decoding: sample.data, type: sample.type, schemaVersion: sample.schemaVersion)
            }
        }
    }

    var digest: ContentDigest {
        var content: [UInt8] = []
        let beginnings = events.compactMap { try? $0.get() }.map { D.evolve(D.initialState, $0) }
            .filter { $0 != D.initialState }
        var all = D.initialState
        for event in events {
            guard case .success(let event) = event else {
                content += Self.unreadable
                continue
            }
            for state in [D.initialState] + beginnings { content += Self.trace(D.evolve(state, event)) }
            D.evolve(&all, by: event)
            content += Self.trace(all)
        }
        return ContentDigest(of: content)
    }

    private static var unreadable: [UInt8] { Array("unreadable".utf8) }
    private static var lossy: [UInt8] { Array("lossy".utf8) }

    /// What the state is, and whether it comes back as it was.
    private static func trace(_ state: D.State) -> [UInt8] {
        let bytes = state.snapshot.canonicalBytes()
        let again = (try? JSONValue(bytes)).flatMap { try? D.State(snapshot: PayloadReader($0)) }
        return Array(ContentDigest(of: bytes).hexadecimal.utf8) + (again == state ? [] : lossy)
    }
}
