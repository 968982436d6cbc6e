import EventModel

/// The events of one trace, as far as they still stand, and what follows from them.
struct SessionTurn: Equatable, Sendable {
    /// How a turn ended.
    enum Ending: Equatable, Sendable {
        /// It came to its end; `true` when that is certain.
        case completed(isCertain: Bool)
        /// It failed.
        case failed(String)
        /// It was cancelled.
        case cancelled
    }

    let trace: ElementID
    /// The event that ended the turn, and how.
    let ending: Ending?
    /// The event that ended it.
    let endingEntry: SessionEntry?
    /// Whether the trace is a turn of the engine at all, and not a lone event that a client posted.
    let isTurn: Bool

    /// - Parameters:
    ///   - entries: the events of the trace that still stand, in any order.
    ///   - isFollowed: whether an offset has events of other traces behind it.
    init(trace: ElementID, entries: [SessionEntry], isFollowed: (Int) -> Bool) {
        self.trace = trace
        let entries = entries.sorted { ($0.offset, $0.id) < ($1.offset, $1.id) }
        let outright = entries.contains { !$0.isParlantStatus && $0.role != .note }
        // Every event that a client posts has a trace of its own, so a lone event is nobody's turn.
        isTurn = outright || (entries.count > 1 && entries.contains { $0.isParlantStatus && $0.role != .note })
        guard isTurn, let (ending, entry) = Self.ending(of: entries, isFollowed) else {
            ending = nil
            endingEntry = nil
            return
        }
        self.ending = ending
        endingEntry = entry
    }

    /// A failure counts more than a cancellation, and both more than an end: the engine reports an end before either.
    private static func ending(
        of entries: [SessionEntry], _ isFollowed: (Int) -> Bool
    ) -> (Ending, SessionEntry)? {
        var cancellation: SessionEntry?
        var end: SessionEntry?
        for entry in entries {
            switch entry.role {
            case .failure(let error): return (.failed(error), entry)
            case .cancellation: cancellation = cancellation ?? entry
            case .end, .arrival: end = entry
            case .note, .work, .move: break
            }
        }
        if let cancellation { return (.cancelled, cancellation) }
        guard let end else { return nil }
        return (.completed(isCertain: isCertain(end, isFollowed)), end)
    }

    /// An end that matched something is never followed by a failure. One that matched nothing may be: the failure comes next, if at all.
    private static func isCertain(_ end: SessionEntry, _ isFollowed: (Int) -> Bool) -> Bool {
        switch end.role {
        case .end(let matches): !matches.isEmpty || isFollowed(end.offset)
        case .note, .work, .arrival, .move, .failure, .cancellation: true
        }
    }
}
