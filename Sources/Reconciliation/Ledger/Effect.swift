import EventModel
import FoundationEssentials

/// Something that a side is to be brought to do. It is on record before anybody tries.
public struct Effect: Equatable, Sendable {
    /// What is done, in words of the side that does it.
    public enum Action: Equatable, Sendable {
        /// The workflow goes on from where it waits, with this input.
        case resume(block: ElementID, context: String, input: JSONValue)
        /// The workflow's execution is cancelled.
        case cancel
        /// The conversation stands in this state of the journey from now on, if it stands in the other now; `nil` for outside.
        case enter(journey: String, state: ElementID, from: ElementID?)
        /// The conversation leaves the journey, if it stands in this state now.
        case leave(journey: String, from: ElementID)
        /// The session walks for the execution no more: it is over, and the conversation stands nowhere in its journey.
        case close
        /// The conversation is told data.
        case tell(Told)
    }

    /// What a conversation is told.
    public struct Told: Equatable, Sendable {
        /// Values by the keys of its context.
        public var values: JSONObject
        /// What was collected, by the state that would have collected it: an object of values by their names.
        public var inputs: JSONObject
        /// The offsets behind which that counts, in the shape of `values` and `inputs`: the offset of the word in whose place something is told, `-1` where
        /// there was none. What the customer says meanwhile counts more. Nothing in what was decided before this was known: that counts where it is posted.
        public var behind: JSONObject

        /// What is told.
        public init(
            values: JSONObject = JSONObject(), inputs: JSONObject = JSONObject(), behind: JSONObject = JSONObject()
        ) {
            self.values = values
            self.inputs = inputs
            self.behind = behind
        }
    }

    /// What may be done about an effect of which nobody knows whether it was carried out.
    public enum Kind: String, Sendable, CaseIterable, Hashable {
        /// It puts something into a state: doing it again changes nothing.
        case setState = "set_state"
        /// It names something that can be done once only: doing it again is refused by the side.
        case keyed
        /// Doing it again does it twice: it is looked for first.
        case probeThenAct = "probe_then_act"
        /// It can neither be looked for nor be repeated: a person decides.
        case onceOrManual = "once_or_manual"
    }

    /// Its id: what echoes carry.
    public let id: UUID
    /// What is done.
    public let action: Action
    /// The fields that it is to settle, in order.
    public let fields: [FieldPath]
    /// The decisions that it carries out.
    public let resolutions: [UUID]
    /// Which try this is for these fields, from 1.
    public let attempt: Int
    /// Until when its echo is waited for.
    public let deadline: Timestamp
    /// How its side stood when it was decided; `nil` where the action says all there is to know, and in what was decided before this was recorded.
    public let premise: Premise?

    /// An effect by its parts.
    public init(
        id: UUID, action: Action, fields: [FieldPath], resolutions: [UUID], attempt: Int, deadline: Timestamp,
        premise: Premise? = nil
    ) {
        self.id = id
        self.action = action
        self.fields = fields
        self.resolutions = resolutions
        self.attempt = attempt
        self.deadline = deadline
        self.premise = premise
    }

    /// The side that does it.
    public var side: Side { action.side }

    /// How it may be repeated.
    public var kind: Kind { action.kind }
}

extension Effect.Action {
    /// The side that does it.
    public var side: Side {
        switch self {
        case .resume, .cancel: .workflow
        case .enter, .leave, .close, .tell: .journey
        }
    }

    /// How it may be repeated: a wait is resumed once under its name, a cancellation and a place are states, a message would be posted twice.
    public var kind: Effect.Kind {
        switch self {
        case .resume: .keyed
        case .cancel, .enter, .leave, .close: .setState
        case .tell: .probeThenAct
        }
    }

    /// Whether what it does can be taken back by another effect. A conversation can be moved again, and told something else. What a workflow has done
    /// since it was resumed is done; a cancelled execution does not go on, and a closed session is not opened again.
    public var isReversible: Bool {
        switch self {
        case .resume, .cancel, .close: false
        case .enter, .leave, .tell: true
        }
    }
}

extension Effect.Told {
    /// What a custom event carries as `lockstep`, so that the conversation has been told this, and echoes the effect.
    public func message(of effect: UUID) -> JSONObject {
        var message: JSONObject = ["effect": .string(effect.uuidString.lowercased())]
        for (key, part) in [("values", values), ("inputs", inputs), ("behind", behind)] where !part.isEmpty {
            message[key] = .object(part)
        }
        return message
    }
}

/// How far an effect has come.
public enum EffectProgress: Equatable, Sendable {
    /// On record; nobody has tried.
    case requested
    /// Somebody is about to try, or has tried: so many times.
    case sent(times: Int)
    /// It was tried, and nobody knows whether it was carried out.
    case unknown(because: String)
}

/// How an effect has ended.
public enum EffectEnd: Equatable, Sendable {
    /// How it is known to be carried out.
    public enum Witness: String, Sendable, CaseIterable, Hashable {
        /// The side has reported what it was told.
        case echo
        /// It was looked for and found.
        case probe
    }

    /// Why an effect came to nothing.
    public enum Staleness: String, Sendable, CaseIterable, Hashable {
        /// The side is elsewhere by now.
        case movedOn = "moved_on"
        /// The side has refused.
        case refused
        /// Its time is over, and it was not carried out.
        case expired
        /// Nobody can find out whether it was carried out, and it must not be repeated.
        case unknowable
    }

    /// It was carried out.
    case confirmed(by: Witness)
    /// It was not carried out, and will not be.
    case stale(Staleness, because: String)
}
