import EventModel

/// Where an execution stands after everything that is known. Every event says it, so that a reader of one event knows.
public struct ExecutionStanding: Hashable, Sendable {
    /// Our word for it.
    public let status: ExecutionStatus
    /// The engine's word, when it used one.
    public let word: String?
    /// When the execution began.
    public let startedAt: Timestamp?
    /// When it ended.
    public let endedAt: Timestamp?
    /// The code of the error that ended it.
    public let code: String?
    /// What it waits for, while it waits.
    public let wait: OpenWait?
    /// How many visits to its own blocks stand how.
    public let tally: VisitTally
}

/// What an execution waits for right now.
public struct OpenWait: Hashable, Sendable {
    /// A person or a time.
    public let kind: WaitKind?
    /// By what it is resumed.
    public let context: String?
    /// When it goes on by itself.
    public let resumeAt: Timestamp?
    /// The block that waits.
    public let blockedOn: ElementID?

    /// A wait.
    public init(
        kind: WaitKind? = nil, context: String? = nil, resumeAt: Timestamp? = nil, blockedOn: ElementID? = nil
    ) {
        self.kind = kind
        self.context = context
        self.resumeAt = resumeAt
        self.blockedOn = blockedOn
    }
}

/// Numbers of visits to the blocks of an execution's own workflow. Blocks of child workflows are not counted: engines report them in
/// several places under several names.
public struct VisitTally: Hashable, Sendable {
    /// Visits that have begun and not ended.
    public internal(set) var running = 0
    /// Visits that have ended well.
    public internal(set) var completed = 0
    /// Visits that have ended with an error.
    public internal(set) var failed = 0
    /// Visits that did not take place.
    public internal(set) var skipped = 0
    /// Visits that are said to have ended in different ways, and one more when the execution itself is.
    public internal(set) var contradictions = 0

    /// Moves one visit.
    mutating func move(from before: VisitState?, to after: VisitState) {
        count(before, by: -1)
        count(after, by: 1)
    }

    private mutating func count(_ visit: VisitState?, by amount: Int) {
        guard let visit else { return }
        switch visit.status {
        case .started: running += amount
        case .completed: completed += amount
        case .failed: failed += amount
        case .skipped: skipped += amount
        }
        if visit.isContradictory { contradictions += amount }
    }
}

extension ExecutionHead {
    /// Where the execution stands.
    ///
    /// - Parameters:
    ///   - tally: the numbers of its visits, without what the head itself contradicts.
    ///   - lastStart: when the last visit began.
    func standing(_ tally: VisitTally, lastStart: Timestamp?) -> ExecutionStanding {
        let (status, word) = self.status(lastStart)
        let wait = status == .waiting ? openWait(lastStart: lastStart) : nil
        let end = ending?.ending
        var tally = tally
        if isContradictory { tally.contradictions += 1 }
        return ExecutionStanding(
            status: status, word: word, startedAt: startedAt,
            endedAt: end.flatMap { $0.at == .earliest ? nil : $0.at },
            code: status == .failed ? end.flatMap { $0.code.isEmpty ? nil : $0.code } : nil,
            wait: wait.map { name, wait in
                OpenWait(
                    kind: wait.kind, context: name.context, resumeAt: wait.resumeAt, blockedOn: wait.blockedOn)
            },
            tally: tally)
    }

    private func status(_ lastStart: Timestamp?) -> (ExecutionStatus, String?) {
        if let (status, ending) = ending { return (status, ending.word) }
        guard let signal else { return (.running, nil) }
        switch signal.kind {
        case .running: return (.running, signal.word)
        case .queued: return hasStarted ? (.running, nil) : (.queued, signal.word)
        case .waiting:
            // A block that began later says that it went on, as does a resumption of the very wait.
            let isOver = waits[signal.wait].map { !$0.isOpen } ?? false
            return isOver || began(lastStart, after: signal) ? (.running, nil) : (.waiting, signal.word)
        case .paused: return began(lastStart, after: signal) ? (.running, nil) : (.paused, signal.word)
        }
    }

    private func began(_ lastStart: Timestamp?, after signal: LiveSignal) -> Bool {
        lastStart.map { $0 > signal.at } ?? false
    }
}
