import EventModel

/// Facts for the stream of an execution, copied from the conversation that walks for it.
public struct SessionCopy: Equatable, Sendable {
    /// The execution: the key of `journey_session-<execution>`.
    public let execution: String
    /// The index, among the facts that were copied from, of the one that these are copies of: the event of that fact is their cause.
    public let cause: Int
    /// The facts, for ``SessionCommand/accept(_:)``.
    public let facts: [SessionFact]

    /// A copy.
    public init(execution: String, cause: Int, facts: [SessionFact]) {
        self.execution = execution
        self.cause = cause
        self.facts = facts
    }
}

/// What of a conversation matters to the executions that it walks for.
///
/// What was said and decided, and where the conversation stands, is copied, each with the event of the conversation as its cause; the engine's
/// progress and its own notation stay in the conversation. What came before the binding is not copied event by event: the binding tells
/// where the conversation stood, how much had been said and who is to speak, and the messages are found where they are.
public enum SessionCopies {
    /// The copies of facts that were decided in the conversation.
    /// - Parameters:
    ///   - facts: the new facts, in order. A binding comes alone: it is decided by a command of its own.
    ///   - state: the conversation's state behind them.
    public static func copies(of facts: [SessionFact], behind state: SessionState) -> [SessionCopy] {
        guard !state.bindings.isEmpty else { return [] }
        var copies: [SessionCopy] = []
        for (index, fact) in facts.enumerated() {
            if case .bound(let binding) = fact {
                copies.append(SessionCopy(execution: binding.execution, cause: index, facts: opening(binding, state)))
                continue
            }
            for binding in state.bindings {
                guard let copy = copy(fact, for: binding) else { continue }
                copies.append(SessionCopy(execution: binding.execution, cause: index, facts: [copy]))
            }
        }
        return copies
    }

    /// The binding with the history so far, then the states in which the conversation stands, so that nobody has to read the history.
    private static func opening(_ binding: SessionBinding, _ state: SessionState) -> [SessionFact] {
        let positions = state.positions.keys.sorted().compactMap { journey -> StatePosition? in
            guard binding.covers(journey.text), let place = state.positions[journey] else { return nil }
            return StatePosition(journey: journey.text, state: place)
        }
        let history = SessionHistory(
            positions: positions, mode: state.mode, messages: state.messages, turnsCompleted: state.turnsCompleted,
            turnsFailed: state.turnsFailed, turnsCancelled: state.turnsCancelled, lastOffset: state.lastOffset,
            askedOffset: state.askedOffset, answeredOffset: state.answeredOffset)
        let entered = positions.compactMap { position in
            position.state.map {
                SessionFact.stateEntered(
                    StateEntered(journey: position.journey, state: $0, turn: nil, cause: .path))
            }
        }
        let bound = SessionFact.bound(
            binding.with(history: history, subject: state.subject(else: binding.subject)))
        return [bound] + entered + (state.closing.map { [.closed($0)] } ?? [])
    }

    /// What of a fact concerns an execution.
    private static func copy(_ fact: SessionFact, for binding: SessionBinding) -> SessionFact? {
        switch fact {
        case .reported(let event): return concerns(event.content, binding) ? fact : nil
        case .turnCompleted(let turn):
            let positions = turn.positions.filter { binding.covers($0.journey) }
            return .turnCompleted(
                TurnCompleted(
                    turn: turn.turn, offset: turn.offset, event: turn.event, positions: positions,
                    corrected: turn.corrected))
        case .turnFailed, .turnCancelled, .rewound, .modeChanged, .closed, .amended: return fact
        case .stateEntered(let move): return binding.covers(move.journey) ? fact : nil
        case .stateLeft(let move): return binding.covers(move.journey) ? fact : nil
        case .described, .bound, .pathsReported, .renumbered: return nil
        }
    }

    private static func concerns(_ content: EventContent, _ binding: SessionBinding) -> Bool {
        switch content {
        case .message, .toolCalls, .custom: true
        case .input(let input): binding.covers(input.journey ?? "")
        case .status, .other: false
        }
    }
}
