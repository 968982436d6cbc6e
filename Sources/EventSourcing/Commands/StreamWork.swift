import EventModel
import FoundationEssentials

/// The commands of a batch that concern one stream: what is known of the stream, and what has been decided on top of it.
///
/// An object of one batch and nobody else's: every command looks at it many times, and each look at a value would copy it.
final class StreamWork<D: Decider> where D.Event: DomainEvent {
    /// How much the folded state is worth.
    enum Knowledge: Sendable {
        /// The stream has to be read, from behind what is folded, before anything is decided.
        case unread
        /// Folded in an earlier batch: others may have written since. A decision counts when an append that expects this version succeeds.
        case remembered
        /// Read or written in this batch.
        case current
    }

    /// What a decision came to. It becomes final with the append of the events that it, or an earlier one, rests on.
    enum Verdict: Sendable {
        case events([D.Event], [EventDraft], bytes: Int)
        case unchanged
        case rejected(D.Rejection)

        var eventCount: Int {
            switch self {
            case .events(let events, _, _): events.count
            case .unchanged, .rejected: 0
            }
        }

        /// The id of an event, counted from 0.
        func event(_ index: Int) -> UUID? {
            guard case .events(_, let drafts, _) = self, drafts.indices.contains(index) else { return nil }
            return drafts[index].id
        }
    }

    /// A decision on one command of the batch, or on what such a command causes in this stream.
    struct Decision: Sendable {
        let command: Int
        let verdict: Verdict
        var isConsequence = false
        /// Events that are caused in other streams.
        var caused = 0
    }

    let stream: StreamName
    var knowledge: Knowledge
    /// What the log holds, as far as it is known.
    var folded: FoldedStream<D.State>
    /// Decisions that are not final, in order.
    private(set) var decisions: [Decision] = []
    private(set) var eventCount = 0
    /// The state behind the decisions.
    private(set) var tip: D.State
    /// Races lost since the last success.
    var conflicts = 0
    /// The last refusal that said "these ids are in the log": the second one in a row is final.
    var doubt: AppendFlaw?
    /// Whether only one command with events may go into an append: one of several is refused, and nobody says which.
    var isAlone = false
    /// Why nothing can be decided on it: it holds an event that cannot be read.
    var unreadable: (version: StreamVersion, flaw: EventFlaw)?
    /// Whether it has decisions for the append that is being filled.
    var isTouched = false
    /// Whether it is to be read although none of the waiting commands is for it: they cause something in it.
    var isWanted = false

    /// - Parameter remembered: the state that an earlier batch left.
    init(_ stream: StreamName, remembered: FoldedStream<D.State>?) {
        self.stream = stream
        knowledge = remembered == nil ? .unread : .remembered
        folded = remembered ?? FoldedStream(D.initialState)
        tip = folded.state
    }

    /// The version that the next decision is taken against, 0 for a stream without events.
    var tipVersion: Int64 { (folded.version?.rawValue ?? 0) + Int64(eventCount) }

    /// Takes what a reading has found.
    func know(_ read: FoldedStream<D.State>) {
        precondition(decisions.isEmpty, "a stream is read before anything is decided on it")
        folded = read
        tip = read.state
        knowledge = .current
        isWanted = false
    }

    /// What the rule says to a command now. ``tip`` goes along: the verdict has to be kept next, or taken back.
    func decide(_ command: D.Command, _ context: CommandContext) -> Verdict {
        let events: [D.Event]
        do throws(D.Rejection) { events = try D.decide(command, on: &tip) } catch { return .rejected(error) }
        guard !events.isEmpty else { return .unchanged }
        let drafts = context.drafts(events, of: stream, after: tipVersion)
        return .events(events, drafts, bytes: drafts.reduce(0) { $0 + $1.byteCount(in: stream) })
    }

    /// Keeps the verdict that was given last; later ones rest on it.
    ///
    /// - Parameter isConsequence: whether it is on what a command causes here.
    func keep(_ verdict: Verdict, on command: Int, asConsequence isConsequence: Bool = false) {
        decisions.append(Decision(command: command, verdict: verdict, isConsequence: isConsequence))
        eventCount += verdict.eventCount
    }

    /// Takes back what was decided last: the verdict that was not kept, and those kept for `command`. It is rare, so the state is worked out
    /// anew from the decisions that remain instead of being copied before each.
    func takeBack(_ command: Int) {
        while let last = decisions.last, last.command == command {
            eventCount -= last.verdict.eventCount
            decisions.removeLast()
        }
        tip = folded.state
        for decision in decisions {
            guard case .events(let events, _, _) = decision.verdict else { continue }
            for event in events { D.evolve(&tip, by: event) }
        }
    }

    /// Notes what the decision on a command causes elsewhere.
    func note(caused: Int, by command: Int) {
        guard let index = decisions.lastIndex(where: { $0.command == command && !$0.isConsequence }) else { return }
        decisions[index].caused = caused
    }

    /// The part of an append that makes the decisions final.
    var append: StreamAppend {
        let drafts = decisions.flatMap { decision -> [EventDraft] in
            switch decision.verdict {
            case .events(_, let drafts, _): drafts
            case .unchanged, .rejected: []
            }
        }
        return StreamAppend(drafts, to: stream, expecting: folded.version.map(ExpectedVersion.exactly) ?? .noStream)
    }

    /// Gives the decisions up.
    ///
    /// - Returns: the commands to this stream that they were on.
    func revert() -> [Int] {
        defer { clear() }
        tip = folded.state
        return decisions.filter { !$0.isConsequence }.map(\.command)
    }

    private func clear() {
        decisions = []
        eventCount = 0
    }

    /// The command that made an event.
    func command(of event: UUID) -> Int? {
        decisions.first { decision in
            switch decision.verdict {
            case .events(_, let drafts, _): drafts.contains { $0.id == event }
            case .unchanged, .rejected: false
            }
        }?.command
    }

    /// Commands with events among the decisions.
    var decisiveCommands: [Int] { decisions.filter { $0.verdict.eventCount > 0 }.map(\.command) }
}

extension StreamWork {
    typealias Answer = Result<CommandOutcome<D.Event>, CommandError<D.Rejection>>

    /// Makes the decisions final.
    ///
    /// - Parameters:
    ///   - effect: what the log did with the events.
    ///   - first: where the first of them is; `nil` when there are none.
    /// - Returns: the answer to each command.
    func settle(_ effect: CommandOutcome<D.Event>.Effect, from first: GlobalPosition?) -> [(Int, Answer)] {
        var answers: [(Int, Answer)] = []
        answers.reserveCapacity(decisions.count)
        var next = first ?? .start
        for decision in decisions {
            let answer = settle(decision, effect, at: &next)
            if !decision.isConsequence { answers.append((decision.command, answer)) }
        }
        if eventCount > 0 { folded.keys = nil }
        folded.state = tip
        knowledge = .current
        conflicts = 0
        doubt = nil
        clear()
        return answers
    }

    private func settle(
        _ decision: Decision, _ effect: CommandOutcome<D.Event>.Effect, at next: inout GlobalPosition
    ) -> Answer {
        switch decision.verdict {
        case .rejected(let rejection): return .failure(.rejected(rejection))
        case .unchanged:
            return .success(CommandOutcome(.unchanged, [], version: folded.version, positions: nil))
        case .events(let events, let drafts, _):
            let last = next.advanced(by: events.count - 1)
            defer { next = last.next }
            folded.version = StreamVersion((folded.version?.rawValue ?? 0) + Int64(events.count))
            folded.position = last
            folded.recordedAt = nil
            folded.bytes += drafts.reduce(0) { $0 + $1.data.count }
            return .success(
                CommandOutcome(
                    effect, events, version: folded.version, positions: next...last, consequences: decision.caused))
        }
    }
}

extension EventDraft {
    /// Bytes as ``AppendLimits`` count them.
    func byteCount(in stream: StreamName) -> Int {
        data.count + metadata.count + stream.rawValue.utf8.count + type.rawValue.utf8.count + (actor?.utf8.count ?? 0)
    }
}
