import EventModel

/// Reads a stream to its end and folds it: from the start, from what is known of it already, or from a snapshot, where it is long enough for one.
struct StreamLoading<D: Decider & SendableMetatype, Store: EventStore>: Sendable
where D.Event: DomainEvent & SendableMetatype {
    /// Why a stream cannot be folded.
    enum Fault: Error {
        /// The log failed.
        case store(StoreError)
        /// An event cannot be read.
        case unreadable(StreamVersion, EventFlaw)
    }

    let store: RetryingStore<Store>
    let workspace: Workspace

    /// What is known of a stream, and the events behind that.
    func load(
        _ stream: StreamName, onTopOf known: FoldedStream<D.State> = FoldedStream(D.initialState)
    ) async throws(Fault) -> FoldedStream<D.State> {
        guard let snapshots = store.snapshots, let fold = snapshots.fold(of: D.self) else {
            return try await folding(known, query(stream, behind: known.version))
        }
        guard known.version == nil else {
            let folded = try await folding(known, query(stream, behind: known.version))
            leave(folded, behind: known.version, over: nil, of: stream, by: fold)
            return folded
        }
        let first = try await page(query(stream, behind: nil, limit: snapshots.limits.askedBehind))
        return try await load(stream, beginningWith: first)
    }

    /// A stream whose first page was read already.
    func load(_ stream: StreamName, beginningWith first: StreamPage) async throws(Fault) -> FoldedStream<D.State> {
        let known = FoldedStream(D.initialState)
        guard !first.isEnd else { return try folded(known, first) }
        guard let snapshots = store.snapshots, let fold = snapshots.fold(of: D.self) else {
            let folded = try folded(known, first)
            return try await folding(folded, query(stream, behind: folded.version))
        }
        let (beginning, seen) = await snapshots.beginning(of: stream, in: workspace, by: fold)
        if let beginning, let folded = try await load(stream, from: beginning) {
            snapshots.count { $0.used += 1 }
            leave(folded, behind: beginning.mark.version, over: seen, of: stream, by: fold)
            if snapshots.isToBeChecked() {
                snapshots.check(beginning, of: stream, in: workspace, by: fold, against: self)
            }
            return folded
        }
        let folded = try folded(known, first)
        let whole = try await folding(folded, query(stream, behind: folded.version))
        leave(whole, behind: nil, over: seen, of: stream, by: fold)
        return whole
    }

    /// The events of a stream from its first, whatever snapshots say.
    func foldFromStart(
        _ stream: StreamName, through last: StreamVersion? = nil
    ) async throws(Fault) -> FoldedStream<D.State> {
        var query = query(stream, behind: nil)
        query.through = last
        return try await folding(FoldedStream(D.initialState), query)
    }

    /// The events behind a snapshot, read from its last event on: `nil` when the log holds another one there, or none.
    private func load(
        _ stream: StreamName, from beginning: SnapshotBeginning<D.State>
    ) async throws(Fault) -> FoldedStream<D.State>? {
        let first = StreamQuery(workspace: workspace, stream, from: beginning.mark.version)
        let page = try await page(first)
        guard let last = page.events.first, last.version == beginning.mark.version, last.id == beginning.mark.eventID,
            last.position == beginning.folded.position
        else {
            store.snapshots?.count { $0.useless[.history, default: 0] += 1 }
            return nil
        }
        var known = beginning.folded
        known.recordedAt = last.recordedAt
        let folded = try folded(known, page, skipping: 1)
        guard let next = first.next(after: page) else { return folded }
        return try await folding(folded, next)
    }

    /// Leaves a snapshot behind when much was folded.
    private func leave(
        _ folded: FoldedStream<D.State>, behind version: StreamVersion?, over seen: SnapshotMark?,
        of stream: StreamName,
        by fold: SnapshotFold<D>
    ) {
        guard let snapshots = store.snapshots, let last = folded.version,
            last.rawValue - (version?.rawValue ?? 0) > Int64(snapshots.limits.foldedEvents)
        else { return }
        snapshots.offer(folded, of: stream, in: workspace, by: fold, over: seen)
    }
}

// MARK: Folding

extension StreamLoading {
    private func query(_ stream: StreamName, behind version: StreamVersion?, limit: Int = 1_000) -> StreamQuery {
        StreamQuery(
            workspace: workspace, stream, from: StreamVersion((version?.rawValue ?? 0) + 1), limit: limit)
    }

    private func page(_ query: StreamQuery) async throws(Fault) -> StreamPage {
        do throws(StoreError) { return try await store.read(query) } catch { throw .store(error) }
    }

    private func folding(
        _ known: FoldedStream<D.State>, _ query: StreamQuery
    ) async throws(Fault) -> FoldedStream<D.State> {
        var folded = known
        var next: StreamQuery? = query
        while let query = next {
            let page = try await page(query)
            folded = try self.folded(folded, page)
            next = query.next(after: page)
        }
        return folded
    }

    private func folded(
        _ known: consuming FoldedStream<D.State>, _ page: StreamPage, skipping skipped: Int = 0
    ) throws(Fault) -> FoldedStream<D.State> {
        var folded = known
        for event in page.events.dropFirst(skipped) {
            if D.Event.isAmong(event) {
                do throws(EventFlaw) {
                    D.evolve(&folded.state, by: try D.Event(event))
                } catch {
                    throw .unreadable(event.version, error)
                }
            }
            folded.version = event.version
            folded.position = event.position
            folded.lastID = event.id
            folded.recordedAt = event.recordedAt
            folded.bytes += event.dataLength
        }
        folded.keys?.formUnion(page.openedWith)
        return folded
    }
}

extension DomainEvent {
    /// Whether a recorded event belongs to the rule of its stream by its type. A stream also holds events that every domain shares, such as
    /// `subject.erased`.
    static func isAmong(_ event: RecordedEvent) -> Bool {
        let (type, category) = (event.type.rawValue.utf8, event.category.rawValue.utf8)
        return type.starts(with: category) && type.dropFirst(category.count).first == UInt8(ascii: ".")
    }
}
