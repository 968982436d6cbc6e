import EventModel

/// The agent states as the engine told them last.
struct ToldPaths: Equatable, Sendable {
    /// One agent state, and when it was first seen.
    struct Entry: Equatable, Sendable {
        let paths: AgentPaths
        let seenAt: Timestamp
    }

    private(set) var entries: [Entry] = []
    private(set) var observedAt: Timestamp?

    /// Takes a report up.
    mutating func apply(_ report: PathReport) {
        let added = report.added.map { Entry(paths: $0, seenAt: report.observedAt) }
        entries = Array(entries.prefix(max(0, report.kept))) + added
        observedAt = report.observedAt
    }

    /// What `answer` changes; `nil` when it is older than what is known, or changes nothing.
    ///
    /// What indexes mean changes with the numbering while the paths stay, so only indexes are compared.
    /// - Parameter staleSince: the latest deletion, which makes even an unchanged answer news.
    func report(_ answer: [AgentPaths], at moment: Timestamp, staleSince: Timestamp?) -> PathReport? {
        if let observedAt, moment < observedAt { return nil }
        let kept = zip(entries, answer).prefix { Self.same($0.paths, $1) }.count
        if kept == entries.count, kept == answer.count, let observedAt {
            guard let staleSince, staleSince >= observedAt, moment > staleSince else { return nil }
        } else if answer.isEmpty, entries.isEmpty {
            return nil
        }
        return PathReport(observedAt: moment, kept: kept, added: Array(answer[kept...]))
    }

    private static func same(_ left: AgentPaths, _ right: AgentPaths) -> Bool {
        left.turn == right.turn
            && left.paths.elementsEqual(right.paths) { $0.journey == $1.journey && $0.indexes == $1.indexes }
    }

    /// Whether an agent state of `turn` is among them.
    func knows(_ turn: ElementID) -> Bool { entries.contains { ElementID($0.paths.turn) == turn } }

    /// The agent states that a deletion has left: Parlant cuts them off at the turn of the first deleted event, and leaves them alone when
    /// that event belongs to no turn.
    func standing(in journal: SessionJournal) -> ArraySlice<Entry> {
        var standing = entries[...]
        for rewind in journal.rewinds where observedAt.map({ rewind.at >= $0 }) ?? true {
            let first = journal.entries.values.first { $0.offset == rewind.from }
            let cut = standing.firstIndex { entry in
                let turn = ElementID(entry.paths.turn)
                guard let first else { return !journal.events(of: turn).isEmpty && journal.standing(of: turn).isEmpty }
                return first.trace == turn
            }
            if let cut { standing = standing[..<cut] }
        }
        return standing
    }
}
