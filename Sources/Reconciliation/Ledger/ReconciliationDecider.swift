import EventModel
import FoundationEssentials

/// The rule of what happens between the two sides of one execution.
public enum ReconciliationDecider: Decider {
    /// What is known.
    public typealias State = Ledger
    /// What happens; see ``ReconciliationEvent``.
    public typealias Event = ReconciliationEvent

    /// What may be asked.
    public enum Command: Sendable {
        /// Look at both sides and record what follows.
        case examine(Examination)
        /// Record that an effect is about to be carried out, for this many times. Of several who want to, one is first.
        case send(effect: UUID, times: Int, at: Timestamp)
        /// Record that nobody knows whether it was.
        case doubt(effect: UUID, because: String, at: Timestamp)
        /// Record how it has ended.
        case end(effect: UUID, EffectEnd, at: Timestamp)
        /// Settle a conflict that waits, as a person says.
        case settle(conflict: UUID, Choice, Examination)
        /// Take a decision back. Where the side that has won cannot be told the other's word, it keeps its own if they may stay apart.
        case flip(Receipt, Examination, apart: Bool = false)
        /// Take fields over, or give them back.
        case handOver(HandOver)
        /// Record that nothing moves any more, if that is so; see ``Silence``.
        case leaveAlone(Examination, Silence)
    }

    /// What a person may say of a conflict.
    public enum Choice: Equatable, Sendable {
        /// This side's value stands.
        case take(Side)
        /// Another value stands; `nil` for nothing.
        case value(FieldValue?)
        /// The difference stays.
        case accept
    }

    /// Why something is refused.
    public enum Rejection: Error, Equatable, Sendable {
        /// No such conflict waits.
        case unknownConflict(UUID)
        /// No such effect is pending.
        case unknownEffect(UUID)
        /// The effect has another progress than the request needs: somebody else attends to it.
        case notSent(UUID)
        /// A side still does something else about the field; try again when that has ended.
        case busy(Side)
        /// The side cannot be told.
        case unsettable(FieldPath, Side)
        /// The decision has no loser whose word could stand instead.
        case nothingToFlip(UUID)
        /// The sides have moved on since: what they say is not what was decided.
        case movedOn(FieldPath)
        /// The value cannot be read: it is sealed or was erased.
        case unreadable(FieldPath)
        /// What would be recorded has more bytes, sealed, than an event may have, or is nested too deep.
        case tooLarge(bytes: Int, limit: Int)
    }

    /// Nothing has happened.
    public static let initialState = Ledger()

    /// The state after one more event.
    public static func evolve(_ state: Ledger, _ event: Event) -> Ledger {
        var state = state
        state.receive(event)
        return state
    }

    /// In place.
    public static func evolve(_ state: inout Ledger, by event: Event) { state.receive(event) }

    /// The events of a command.
    public static func decide(_ command: Command, _ state: Ledger) throws(Rejection) -> [Event] {
        switch command {
        case .examine(let look): return state.examine(look).events
        case .send(let effect, let times, let at):
            guard let pending = state[effect] else { throw .unknownEffect(effect) }
            guard pending.progress == .requested, pending.times + 1 == times, at < pending.effect.deadline else {
                throw .notSent(effect)
            }
            return [.effectSent(EffectSent(effect: effect, times: times, at: at))]
        case .doubt(let effect, let because, let at):
            guard let pending = state[effect], case .sent = pending.progress else { return [] }
            return [.effectUnknown(EffectUnknown(effect: effect, because: because, at: at))]
        case .end(let effect, let end, let at):
            guard state[effect] != nil else { return [] }
            switch end {
            case .confirmed(let witness):
                return [.effectConfirmed(EffectConfirmed(effect: effect, witness: witness, at: at))]
            case .stale(let reason, let because):
                return [.effectStale(EffectStale(effect: effect, reason: reason, because: because, at: at))]
            }
        case .settle(let conflict, let choice, let look):
            return try recordable(try PersonsWord(look, state).settle(conflict, choice))
        case .flip(let receipt, let look, let apart):
            var word = PersonsWord(look, state)
            return try recordable(try word.flip(receipt, apart: apart))
        case .handOver(let event):
            return state.handOvers.last.map { $0.pattern == event.pattern && $0.owner == event.owner } ?? false
                ? [] : try recordable([.ownershipTaken(event)])
        case .leaveAlone(let look, let silence):
            return state.staleness(look, silence).map { [.wentStale($0)] } ?? []
        }
    }

    /// A person's word is few events; each of them has to fit. What is looked at is cut to size instead.
    private static func recordable(_ events: [Event]) throws(Rejection) -> [Event] {
        let largest = Weight(events).largest
        guard largest <= LedgerLimits.eventBytes else {
            throw .tooLarge(bytes: largest, limit: LedgerLimits.eventBytes)
        }
        return events
    }
}

extension Receipt {
    /// What the side said that was overruled, or that had not heard yet.
    public var lost: FieldValue? { loser.flatMap { finding[$0] } }
}

extension Agreement {
    /// What was agreed on for a field, or for a member of its data.
    func value(at path: FieldPath) -> FieldValue? { self[path.field]?.member(path.members) }
}

extension Claims {
    /// What is said of a field, or of a member of its data.
    func value(at path: FieldPath) -> FieldValue? { self[path.field]?.value.member(path.members) }

    /// Where that was said.
    func origin(at path: FieldPath) -> Origin? { self[path.field]?.origin }
}

extension FieldValue {
    /// What stands in data at the end of these names; `nil` for nothing.
    func member(_ names: ArraySlice<ElementID>) -> FieldValue? {
        guard !names.isEmpty else { return self }
        guard case .content(var value) = self else { return self == .hidden ? .hidden : nil }
        for name in names {
            guard let member = value[name.text] else { return nil }
            value = member
        }
        return FieldValue(value)
    }
}

extension ReconciliationDecider.Rejection: CustomStringConvertible {
    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .unknownConflict(let id):
            "no conflict \(id.uuidString.lowercased()) waits; see which do with `lockstep reconcile status`"
        case .unknownEffect(let id): "no effect \(id.uuidString.lowercased()) is pending; look at the execution again"
        case .notSent(let id): "somebody else attends to effect \(id.uuidString.lowercased()); leave it to them"
        case .busy(let side): "the \(side.rawValue) has still to do what it was told; try again when it has"
        case .unsettable(let path, let side):
            "the \(side.rawValue) cannot be told of \(path.field) as it stands; accept the difference, or change it there"
        case .nothingToFlip(let id):
            "decision \(id.uuidString.lowercased()) has no loser whose word could stand instead; settle the field anew"
        case .movedOn(let path):
            "the sides have moved on since at \(path.field); look at the execution again, then decide anew"
        case .unreadable(let path): "\(path.field) is sealed or was erased; nobody can decide about it here"
        case .tooLarge(let bytes, let limit):
            "what would be put on record has up to \(bytes) bytes, or is nested too deep; the limit is \(limit): say less, or settle it at the engines"
        }
    }
}
