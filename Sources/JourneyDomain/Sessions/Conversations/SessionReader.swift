import EventModel

/// Reads what a conversation engine reports and says what follows from it.
///
/// A reader is a value without clock or sockets. What it answers is what a log must remember: applied to a state in order, the facts lead
/// to the reader's own state, so a reader can be put down at any time and taken up from the log.
///
/// Parlant's events mean less than they say, and this is where that is known:
/// - a turn is the events of one trace; a trace with one event is something that a client posted, whatever status it forges;
/// - `ready` ends a turn only when it is `completed` and names what matched;
/// - an end that matched nothing may be followed by the `error` of its turn. It counts once something else has followed it, once the
///   engine's own states know the turn, or once a poll has found the session quiet; and a later error still takes it back;
/// - a cancelled or failed turn moves nothing, and what it says later changes nothing;
/// - where the conversation stands follows from the last turn that stands, and better from the engine's paths where they are known.
public struct SessionReader: Equatable, Sendable {
    /// What is known so far.
    public private(set) var state: SessionState
    private var facts: [SessionFact] = []

    /// A reader that goes on from a state.
    public init(_ state: SessionState = SessionState()) { self.state = state }

    /// A reader that goes on from a state which nobody else holds meanwhile, so that it need not be copied.
    init(taking state: inout SessionState) {
        self.init(state)
        state = SessionState()
    }

    /// Takes a report up.
    /// - Returns: the facts that are new, in order; none for what was known.
    public mutating func receive(_ input: SessionInput) -> [SessionFact] {
        facts = []
        switch input {
        case .event(let event, let isDeleted, let moment): receive(event, isDeleted: isDeleted, at: moment)
        case .listing(let from, let through, let offsets, let moment):
            receive(offsets, from: from, through: through, at: moment)
        case .description(let description): receive(description)
        case .mode(let mode, let moment): change(mode, at: moment)
        case .agentStates(let answer, let moment): receive(answer, at: moment)
        case .rewound(let from, let before, let moment):
            rewind(from: from, before: before ?? (state.lastOffset ?? from) + 1, at: moment)
            settlePositions(.rewind)
        case .renumbered(let numbering): receive(numbering)
        case .quiet(let offset): conclude(state.undecided, isQuietBehind: offset)
        case .ended(let closing): if state.closing == nil { tell(.closed(closing)) }
        }
        return facts
    }

    private mutating func tell(_ fact: SessionFact) {
        state.apply(fact)
        facts.append(fact)
    }
}

extension SessionReader {
    private mutating func receive(_ event: ReportedEvent, isDeleted: Bool, at moment: Timestamp) {
        let id = ElementID(event.envelope.id)
        let writer = event.envelope.source == ParlantWords.customer ? event.content.writer : nil
        let subject = state.subject(writer: writer, else: event.subject)
        if state.journal.entries[id] == nil {
            tell(.reported(event.of(subject)))
        } else if !state.journal.hasSeen(event.metadata, of: id) {
            let metadata = event.metadata ?? .object(JSONObject())
            tell(.amended(EventAmendment(event: event.envelope.id, metadata: metadata, subject: subject)))
        }
        if isDeleted { rewind(from: event.envelope.offset, before: event.envelope.offset + 1, at: moment) }
        conclude(state.undecided.union(event.envelope.trace.map { [ElementID($0)] } ?? []))
        let moved = state.journal.entries[id].map { if case .move = $0.role { true } else { false } } ?? false
        if moved || isDeleted { settlePositions(isDeleted ? .rewind : .turn) }
    }

    private mutating func receive(_ description: SessionDescription) {
        guard let known = state.description else {
            tell(.described(description))
            return
        }
        guard description.observedAt >= known.observedAt else { return }
        let description = description.filled(from: known)
        if !known.agrees(with: description) { tell(.described(description)) }
        if let mode = description.mode { change(mode, at: description.observedAt) }
    }

    private mutating func change(_ mode: SessionMode, at moment: Timestamp) {
        guard mode != state.mode, state.modeAt.map({ $0 <= moment }) ?? true else { return }
        tell(.modeChanged(SessionModeChange(mode: mode, at: moment)))
    }

    private mutating func receive(_ answer: [AgentPaths], at moment: Timestamp) {
        let deletion = state.journal.rewinds.last?.at
        guard let report = state.paths.report(answer, at: moment, staleSince: deletion) else { return }
        tell(.pathsReported(report))
        let ambiguous = state.turns.filter { $0.value.isAmbiguous }.keys
        conclude(state.undecided.union(report.added.map { ElementID($0.turn) }).union(ambiguous))
        settlePositions(.path)
    }

    private mutating func receive(_ numbering: JourneyNumbering) {
        guard state.numberings[ElementID(numbering.journey)]?.contains(numbering) != true else { return }
        tell(.renumbered(numbering))
        conclude(Set(state.turns.filter { $0.value.isAmbiguous }.keys))
        settlePositions(.path)
    }
}

extension SessionReader {
    private mutating func receive(_ offsets: [Int], from: Int, through: Int, at moment: Timestamp) {
        guard from <= through else { return }
        var next = from
        for offset in Set(offsets).sorted() where offset >= from && offset <= through {
            if next < offset { rewind(from: next, before: offset, at: moment) }
            next = offset + 1
        }
        if next <= through { rewind(from: next, before: through + 1, at: moment) }
        settlePositions(.rewind)
    }

    private mutating func rewind(from: Int, before: Int, at moment: Timestamp) {
        guard from < before, !state.journal.deleted.contains(from..<before) else { return }
        var after = state
        after.apply(.rewound(SessionRewind(from: from, before: before, at: moment)))
        let gone = state.turns.filter { after.turns[$0.key] == nil }
        tellRewind(from: from, before: before, at: moment, gone: gone)
    }

    private mutating func tellRewind(from: Int, before: Int, at moment: Timestamp, gone: [ElementID: TurnOutcome]) {
        let names = gone.sorted { ($0.value.offset, $0.key) < ($1.value.offset, $1.key) }.map(\.key.text)
        tell(
            .rewound(
                SessionRewind(
                    from: from, before: before, at: moment,
                    turns: Array(names.prefix(SessionLimits.listedTurns)),
                    gone: Dictionary(gone.values.map { ($0.ending, 1) }, uniquingKeysWith: +))))
    }

    /// Says how the turns of these traces ended where that has not been said, or is different now.
    private mutating func conclude(_ traces: Set<ElementID>, isQuietBehind offset: Int? = nil) {
        var hasMoved = false
        for trace in traces.sorted() {
            let turn = state.journal.turn(trace)
            guard let entry = turn.endingEntry, let ending = turn.ending else {
                if let told = state.turns[trace] { retract(trace, told) }
                continue
            }
            if !isSure(ending, of: trace, at: entry, isQuietBehind: offset) { continue }
            let outcome = outcome(ending, of: trace, at: entry)
            guard state.turns[trace] != outcome else { continue }
            tell(outcome.correcting(state.turns[trace]?.ending).fact)
            hasMoved = true
        }
        if hasMoved { settlePositions(.turn) }
    }

    private func isSure(
        _ ending: SessionTurn.Ending, of trace: ElementID, at entry: SessionEntry, isQuietBehind offset: Int?
    ) -> Bool {
        switch ending {
        case .failed, .cancelled, .completed(isCertain: true): true
        case .completed(isCertain: false):
            state.turns[trace] != nil || state.paths.knows(trace) || offset.map { $0 >= entry.offset } ?? false
        }
    }

    /// A turn whose end turned out to belong to something deleted earlier than was known.
    private mutating func retract(_ trace: ElementID, _ told: TurnOutcome) {
        let deleted = state.journal.events(of: trace).first { state.journal.deleted.contains($0.offset) }
        guard let deleted,
            let rewind = state.journal.rewinds.last(where: { ($0.from..<$0.before).contains(deleted.offset) })
        else { return }
        tellRewind(from: rewind.from, before: rewind.before, at: rewind.at, gone: [trace: told])
        settlePositions(.rewind)
    }

    private func outcome(_ ending: SessionTurn.Ending, of trace: ElementID, at entry: SessionEntry) -> TurnOutcome {
        let turn = trace.text
        let event = entry.id.text
        switch ending {
        case .failed(let error):
            return .failed(TurnFailed(turn: turn, offset: entry.offset, event: event, error: error))
        case .cancelled: return .cancelled(TurnCancelled(turn: turn, offset: entry.offset, event: event))
        case .completed:
            return .completed(
                TurnCompleted(
                    turn: turn, offset: entry.offset, event: event, positions: state.positions(atEnd: entry)))
        }
    }

    /// Says where the conversation stands now in each journey in which that has not been said.
    private mutating func settlePositions(_ cause: MoveCause) {
        let standings = Walk.standings(in: state)
        for journey in Set(standings.keys).union(state.positions.keys).sorted() {
            let standing = standings[journey] ?? Standing(state: nil, turn: nil, cause: cause)
            let told = state.positions[journey]
            guard told != standing.state else { continue }
            let cause = cause == .rewind ? cause : standing.cause
            if let told {
                tell(
                    .stateLeft(
                        StateLeft(
                            journey: journey.text, state: told, next: standing.state, turn: standing.turn, cause: cause)
                    ))
            }
            if let state = standing.state {
                tell(
                    .stateEntered(StateEntered(journey: journey.text, state: state, turn: standing.turn, cause: cause)))
            }
        }
    }
}

extension TurnOutcome {
    /// Whether a state of the turn is not known to belong to one journey.
    fileprivate var isAmbiguous: Bool {
        guard case .completed(let turn) = self else { return false }
        return turn.positions.contains { $0.journey.isEmpty }
    }
}

extension EventContent {
    /// Who wrote it, if it is a message.
    fileprivate var writer: String? {
        guard case .message(let message) = self else { return nil }
        return message.participant
    }
}
