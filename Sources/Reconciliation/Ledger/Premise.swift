import EventModel
import WorkflowDomain

extension Effect {
    /// How the side stood when an effect was decided, as far as whoever carries it out has to know. It is on record with the effect, which may be carried out
    /// much later, and by another process.
    public enum Premise: Equatable, Sendable {
        /// The run stood so, and these of its waits were open, by the engine's names, in order; no more than ``mostWaits`` of them.
        case run(ExecutionStatus, waits: [String])
        /// The conversation was heard up to this offset: what is decided then can only be found behind it.
        case heard(through: Int)

        /// The most waits of a run that are kept.
        public static let mostWaits = 100
    }
}

extension Circumstances {
    /// What a side has to be held to before it does this; `nil` where the action itself says it, or nothing is known.
    func premise(of action: Effect.Action) -> Effect.Premise? {
        switch action {
        case .cancel:
            status.map { .run($0, waits: waits.map(\.context).sorted().prefix(Effect.Premise.mostWaits).map { $0 }) }
        case .tell: heardThrough.map { .heard(through: $0) }
        case .resume, .enter, .leave, .close: nil
        }
    }
}

// MARK: On record

extension Effect.Premise {
    var json: JSONValue {
        switch self {
        case .run(let status, let waits):
            ["status": .string(status.rawValue), "waits": .array(waits.map { .string($0) })]
        case .heard(let offset): ["heard": .number(JSONNumber(offset))]
        }
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        if payload.has("status") {
            self = .run(try payload.choice("status"), waits: try payload.texts("waits"))
        } else {
            self = .heard(through: try payload.int("heard"))
        }
    }
}
