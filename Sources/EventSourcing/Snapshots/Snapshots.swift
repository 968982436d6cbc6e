import EventModel
import Synchronization

/// The snapshots beside a log: begins loads at them, and leaves new ones behind.
///
/// Writing and checking never happen while somebody waits for a state: they are put aside, and done by ``settle()`` or, in a process that stays,
/// by ``run()``. Whatever fails here costs time and changes no answer.
public final class Snapshots: Sendable {
    /// When snapshots are worth it.
    public let limits: SnapshotLimits
    /// Where they are kept.
    public let store: any SnapshotStore
    private let folds: [String: any SnapshotFolding]
    private let keys: SubjectKeyring?
    private let time: any Timekeeper
    private let random: any RandomSource
    private let report: @Sendable (SnapshotMismatch) -> Void
    private let state = Mutex(State())
    private let work: (signal: AsyncStream<Void>, isThere: AsyncStream<Void>.Continuation)

    private struct State {
        var waiting: [@Sendable () async -> Void] = []
        var statistics = SnapshotStatistics()
    }

    /// The snapshots of `store` for the rules of `folds`.
    ///
    /// - Parameters:
    ///   - keys: open and seal personal data; `nil` for a log that has none.
    ///   - report: hears of a snapshot that is not what its events amount to.
    public init(
        _ store: any SnapshotStore, of folds: [any SnapshotFolding], keys: SubjectKeyring?,
        limits: SnapshotLimits = SnapshotLimits(), time: any Timekeeper = SystemTimekeeper(),
        random: any RandomSource = SystemRandomSource(),
        report: @escaping @Sendable (SnapshotMismatch) -> Void = { _ in }
    ) {
        self.store = store
        self.folds = Dictionary(folds.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.keys = keys
        self.limits = limits
        self.time = time
        self.random = random
        self.report = report
        let (signal, isThere) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        work = (signal, isThere)
    }

    /// What became of snapshots here.
    public var statistics: SnapshotStatistics { state.withLock { $0.statistics } }

    /// Writes and checks what was put aside, one after the other. Ends when its task is cancelled.
    public func run() async {
        for await _ in work.signal { await settle() }
    }

    /// Writes and checks what was put aside until now.
    public func settle() async {
        while let next = state.withLock({ $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }) { await next() }
    }

    /// The fold of a rule, if its streams have snapshots.
    func fold<D: Decider & SendableMetatype>(
        of decider: D.Type
    ) -> SnapshotFold<D>? where D.Event: DomainEvent & SendableMetatype {
        folds[D.Event.category] as? SnapshotFold<D>
    }

    func count(_ change: (inout SnapshotStatistics) -> Void) { state.withLock { change(&$0.statistics) } }

    private func putAside(_ work: @escaping @Sendable () async -> Void) {
        state.withLock { state in
            guard state.waiting.count < limits.waiting else {
                state.statistics.leftOut += 1
                return
            }
            state.waiting.append(work)
        }
        self.work.isThere.yield()
    }
}

// MARK: Beginning at a snapshot

/// Where a load may begin.
struct SnapshotBeginning<State: Sendable>: Sendable {
    let mark: SnapshotMark
    let folded: FoldedStream<State>
}

extension Snapshots {
    /// The snapshot of a stream, if it can be used as far as can be told without the log; and the mark of the one that is there in any case.
    func beginning<D>(
        of stream: StreamName, in workspace: Workspace, by fold: SnapshotFold<D>
    ) async -> (usable: SnapshotBeginning<D.State>?, seen: SnapshotMark?) {
        let key = SnapshotKey(workspace: workspace, stream: stream, fold: fold.name)
        let found: Snapshot?
        do throws(StoreError) { found = try await store.snapshot(key) } catch {
            count { $0.failures += 1 }
            return (nil, nil)
        }
        guard let found else { return (nil, nil) }
        switch await taken(up: found, by: fold) {
        case .success(let folded): return (SnapshotBeginning(mark: found.mark, folded: folded), found.mark)
        case .failure(let flaw):
            count { $0.useless[flaw, default: 0] += 1 }
            return (nil, found.mark)
        }
    }

    /// What a snapshot amounts to.
    func taken<D>(
        up snapshot: Snapshot, by fold: SnapshotFold<D>
    ) async -> Result<FoldedStream<D.State>, SnapshotFlaw> {
        guard snapshot.mark.fingerprint == fold.fingerprint else { return .failure(.fold) }
        guard snapshot.isWhole else { return .failure(.damaged) }
        let bytes: [UInt8]
        switch await opened(snapshot) {
        case .success(let plain): bytes = plain
        case .failure(let flaw): return .failure(flaw)
        }
        let room = JSONLimits(bytes: limits.stateBytes, depth: JSONLimits.deepest)
        guard let value = try? JSONValue(bytes, limits: room),
            case .success(let state) = fold.read(PayloadReader(value))
        else { return .failure(.unreadable) }
        var folded = FoldedStream(state)
        folded.version = snapshot.mark.version
        folded.position = snapshot.position
        folded.lastID = snapshot.mark.eventID
        folded.bytes = snapshot.foldedBytes
        folded.keys = Set(snapshot.keys)
        return .success(folded)
    }

    private func opened(_ snapshot: Snapshot) async -> Result<[UInt8], SnapshotFlaw> {
        guard !snapshot.keys.isEmpty else { return .success(snapshot.state) }
        switch await seal(snapshot.keys, at: Snapshot.place(snapshot.key, snapshot.mark)) {
        case .failure(let flaw): return .failure(flaw)
        case .success(let seal):
            return Result { () throws(SealFault) in try seal.open(snapshot.state) }.mapError { _ in .damaged }
        }
    }

    private func seal(_ ids: [SubjectKeyID], at place: [UInt8]) async -> Result<JointSeal, SnapshotFlaw> {
        guard let keys else { return .failure(.sealed) }
        let found: [SubjectKeyID: SubjectKeyring.OpeningKey]
        do throws(StoreError) { found = try await keys.openingKeys(Set(ids)) } catch {
            count { $0.failures += 1 }
            return .failure(.sealed)
        }
        var living: [SubjectKey] = []
        for id in ids {
            guard case .key(let key)? = found[id] else { return .failure(.erased) }
            living.append(key)
        }
        guard let seal = JointSeal(living, at: place) else { return .failure(.sealed) }
        return .success(seal)
    }
}

// MARK: Leaving a snapshot behind

extension Snapshots {
    /// Puts aside the writing of a snapshot of what was just folded.
    ///
    /// - Parameter seen: the snapshot that was there and is of no use, or that the load began at.
    func offer<D>(
        _ folded: FoldedStream<D.State>, of stream: StreamName, in workspace: Workspace, by fold: SnapshotFold<D>,
        over seen: SnapshotMark?
    ) {
        guard let version = folded.version, let position = folded.position, let id = folded.lastID,
            let keys = folded.keys
        else { return }
        putAside { [self] in
            let mark = SnapshotMark(version: version, eventID: id, fingerprint: fold.fingerprint)
            let key = SnapshotKey(workspace: workspace, stream: stream, fold: fold.name)
            let state = fold.written(folded.state).compactBytes()
            guard state.count <= limits.stateBytes, keys.count <= limits.keys else {
                return count { $0.tooLarge += 1 }
            }
            guard let sealed = await sealed(state, under: keys, at: Snapshot.place(key, mark)) else { return }
            let snapshot = Snapshot(
                key: key, mark: mark, position: position, foldedBytes: folded.bytes, keys: sealed.keys,
                state: sealed.state, digest: ContentDigest(of: sealed.state))
            do throws(StoreError) {
                let answer = try await store.keep(snapshot, over: seen)
                count { $0.answers[answer, default: 0] += 1 }
            } catch {
                count { $0.failures += 1 }
            }
        }
    }

    private func sealed(
        _ state: [UInt8], under keys: Set<SubjectKeyID>, at place: [UInt8]
    ) async -> (state: [UInt8], keys: [SubjectKeyID])? {
        guard !keys.isEmpty else { return (state, []) }
        let ids = keys.sorted { left, right in
            left.subject.text == right.subject.text
                ? left.generation < right.generation
                : left.subject.text.utf8.lexicographicallyPrecedes(right.subject.text.utf8)
        }
        guard case .success(let seal) = await seal(ids, at: place), let sealed = try? seal.seal(state) else {
            return nil
        }
        return (sealed, ids)
    }
}

// MARK: Checking

extension Snapshots {
    /// Whether the load that has just begun at a snapshot is one of those that are checked.
    func isToBeChecked() -> Bool {
        limits.checkedOneIn > 0 && random.next() % UInt64(limits.checkedOneIn) == 0
    }

    /// Puts the check of a snapshot aside.
    func check<D, Store>(
        _ beginning: SnapshotBeginning<D.State>, of stream: StreamName, in workspace: Workspace,
        by fold: SnapshotFold<D>, against loading: StreamLoading<D, Store>
    ) {
        putAside { [self] in
            let key = SnapshotKey(workspace: workspace, stream: stream, fold: fold.name)
            _ = await verdict(on: beginning, of: key, by: fold, against: loading)
        }
    }

    /// Folds the events of a snapshot anew.
    func verdict<D, Store>(
        on beginning: SnapshotBeginning<D.State>, of key: SnapshotKey, by fold: SnapshotFold<D>,
        against loading: StreamLoading<D, Store>
    ) async -> SnapshotVerdict {
        let whole: FoldedStream<D.State>
        do throws(StreamLoading<D, Store>.Fault) {
            whole = try await loading.foldFromStart(key.stream, through: beginning.mark.version)
        } catch {
            count { $0.failures += 1 }
            return .unknown
        }
        guard whole.version == beginning.mark.version, whole.lastID == beginning.mark.eventID else {
            return .useless(.history)
        }
        // A key that was destroyed between the two readings takes values away from the second one, and that is no mistake.
        guard whole.keys == beginning.folded.keys else { return .useless(.erased) }
        let agrees = fold.areEqual(whole.state, beginning.folded.state)
        await note(agrees, on: beginning.mark, of: key)
        return agrees ? .agrees : .differs
    }

    private func note(_ agrees: Bool, on mark: SnapshotMark, of key: SnapshotKey) async {
        do throws(StoreError) {
            guard agrees else {
                let mismatch = SnapshotMismatch(key: key, mark: mark, foundAt: time.now())
                count { $0.mismatches += 1 }
                report(mismatch)
                return try await store.record(mismatch)
            }
            try await store.confirm(mark, of: key)
            count { $0.confirmed += 1 }
        } catch {
            count { $0.failures += 1 }
        }
    }

    /// Checks the snapshot of a stream, if there is one.
    ///
    /// - Parameter log: the log beside which it was made, read with the right to see plain values.
    public func verify(
        _ key: SnapshotKey, in log: some EventStore
    ) async throws(StoreError) -> (snapshot: SnapshotMark, verdict: SnapshotVerdict)? {
        guard let fold = folds[key.fold], let snapshot = try await store.snapshot(key) else { return nil }
        return (snapshot.mark, await fold.verdict(on: snapshot, of: self, in: log))
    }
}
