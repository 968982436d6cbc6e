import EventModel
import FoundationEssentials
import WorkflowDomain

extension ReconciliationEvent: DomainEvent {
    /// `reconciliation`
    public static let category = "reconciliation"

    /// The stored names.
    public enum Kind: String, Sendable, CaseIterable {
        /// ``ReconciliationEvent/agreed(_:)``
        case agreed = "reconciliation.agreed"
        /// ``ReconciliationEvent/resolved(_:_:)``
        case resolved = "reconciliation.resolved"
        /// ``ReconciliationEvent/conflictQueued(_:_:)``
        case conflictQueued = "reconciliation.conflict_queued"
        /// ``ReconciliationEvent/conflictLapsed(_:)``
        case conflictLapsed = "reconciliation.conflict_lapsed"
        /// ``ReconciliationEvent/divergenceAccepted(_:_:)``
        case divergenceAccepted = "reconciliation.divergence_accepted"
        /// ``ReconciliationEvent/effectRequested(_:subject:)``
        case effectRequested = "reconciliation.effect_requested"
        /// ``ReconciliationEvent/effectSent(_:)``
        case effectSent = "reconciliation.effect_sent"
        /// ``ReconciliationEvent/effectUnknown(_:)``
        case effectUnknown = "reconciliation.effect_unknown"
        /// ``ReconciliationEvent/effectConfirmed(_:)``
        case effectConfirmed = "reconciliation.effect_confirmed"
        /// ``ReconciliationEvent/effectStale(_:)``
        case effectStale = "reconciliation.effect_stale"
        /// ``ReconciliationEvent/ownershipTaken(_:)``
        case ownershipTaken = "reconciliation.ownership_taken"
        /// ``ReconciliationEvent/wentStale(_:)``
        case wentStale = "reconciliation.went_stale"

        /// The stable name under which such an event is stored.
        public var type: EventType { EventType(trusting: rawValue) }
    }

    /// What people and programs said stays theirs. What the workflow says is sealed for the workflow's subject. What the journey says, what both share,
    /// and whatever is made of both is sealed for the journey's subject, who is the person.
    public static let personalMarks: [PersonalMark] = {
        func mark(_ kind: Kind, _ path: [PersonalMark.Step], _ subject: String) -> PersonalMark {
            PersonalMark(kind.type, version: 1, at: path, of: .member(subject))
        }
        let decided: [Kind] = [.resolved, .conflictQueued, .divergenceAccepted]
        let sides = decided.flatMap { kind in
            [
                mark(kind, [.key("base"), .key("value")], "journey_subject"),
                mark(kind, [.key("workflow"), .key("value")], "workflow_subject"),
                mark(kind, [.key("journey"), .key("value")], "journey_subject"),
                mark(kind, [.key("members")], "journey_subject"),
            ]
        }
        return sides + [
            mark(.resolved, [.key("given"), .key("value")], "journey_subject"),
            mark(.agreed, [.key("fields"), .everyElement, .key("value")], "journey_subject"),
            mark(.agreed, [.key("fields"), .everyElement, .key("members")], "journey_subject"),
            mark(.effectRequested, [.key("fields"), .everyElement, .key("members")], "subject"),
            mark(.effectRequested, [.key("input")], "subject"),
            mark(.effectRequested, [.key("told")], "subject"),
        ]
    }()

    /// The stored name of this event.
    public var kind: Kind {
        switch self {
        case .agreed: .agreed
        case .resolved: .resolved
        case .conflictQueued: .conflictQueued
        case .conflictLapsed: .conflictLapsed
        case .divergenceAccepted: .divergenceAccepted
        case .effectRequested: .effectRequested
        case .effectSent: .effectSent
        case .effectUnknown: .effectUnknown
        case .effectConfirmed: .effectConfirmed
        case .effectStale: .effectStale
        case .ownershipTaken: .ownershipTaken
        case .wentStale: .wentStale
        }
    }

    /// The stable name under which the event is stored.
    public var type: EventType { kind.type }

    /// 1 for every event.
    public var schemaVersion: Int32 { 1 }

    /// The event's data by its schema.
    public var payload: JSONValue { .object(JSONObject(omittingNil: members)) }

    private var members: [(String, JSONValue?)] {
        switch self {
        case .agreed(let event):
            let fields = event.fields.map { field -> JSONValue in
                .object(JSONObject(omittingNil: field.path.written + field.value.members))
            }
            return [("fields", .array(fields))] + event.parties.members
        case .resolved(let receipt, let parties):
            return receipt.members + parties.members
        case .conflictQueued(let conflict, let parties): return conflict.members + parties.members
        case .conflictLapsed(let event):
            return [("conflict", event.conflict.json), ("path", .string("\(event.field)"))]
        case .divergenceAccepted(let accepted, let parties): return accepted.members + parties.members
        case .effectRequested(let effect, let subject): return effect.members + [("subject", .string(subject))]
        case .effectSent(let event):
            return [
                ("effect", event.effect.json), ("times", .number(JSONNumber(event.times))), ("at", event.at.json),
            ]
        case .effectUnknown(let event):
            return [("effect", event.effect.json), ("because", .string(event.because)), ("at", event.at.json)]
        case .effectConfirmed(let event):
            return [
                ("effect", event.effect.json), ("by", .string(event.witness.rawValue)), ("at", event.at.json),
            ]
        case .effectStale(let event):
            return [
                ("effect", event.effect.json), ("reason", .string(event.reason.rawValue)),
                ("because", .string(event.because)), ("at", event.at.json),
            ]
        case .ownershipTaken(let event):
            return [
                ("fields", .string("\(event.pattern)")), ("owner", event.owner.map { .string($0.rawValue) }),
                ("because", event.because.map(JSONValue.string)),
            ]
        case .wentStale(let event):
            return [
                ("since", event.since.json), ("workflow_version", event.workflow?.json),
                ("journey_version", event.journey?.json), ("patience_seconds", .number(JSONNumber(event.patience))),
                ("at", event.at.json),
            ]
        }
    }

    /// Reads back what ``payload`` answered.
    public init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        guard let kind = Kind(rawValue: type.rawValue), schemaVersion == 1 else {
            throw .unknown(type: type, schemaVersion: schemaVersion)
        }
        switch kind {
        case .agreed:
            var fields: [AgreedField] = []
            for field in try payload.elements("fields") {
                let path = try field.fieldPath()
                fields.append(AgreedField(path, try field.fieldValue(at: path)))
            }
            self = .agreed(FieldsAgreed(fields: fields, parties: try Parties(payload)))
        case .resolved: self = .resolved(try Receipt(payload), try Parties(payload))
        case .conflictQueued: self = .conflictQueued(try QueuedConflict(payload), try Parties(payload))
        case .conflictLapsed:
            self = .conflictLapsed(
                ConflictLapsed(conflict: try payload.id("conflict"), field: try payload.fieldPath()))
        case .divergenceAccepted: self = .divergenceAccepted(try AcceptedDivergence(payload), try Parties(payload))
        case .effectRequested: self = .effectRequested(try Effect(payload), subject: try payload.text("subject"))
        case .effectSent:
            self = .effectSent(
                EffectSent(
                    effect: try payload.id("effect"), times: try payload.int("times"), at: try payload.moment("at")))
        case .effectUnknown:
            self = .effectUnknown(
                EffectUnknown(
                    effect: try payload.id("effect"), because: try payload.text("because"),
                    at: try payload.moment("at")))
        case .effectConfirmed:
            self = .effectConfirmed(
                EffectConfirmed(
                    effect: try payload.id("effect"), witness: try payload.choice("by"), at: try payload.moment("at")))
        case .effectStale:
            self = .effectStale(
                EffectStale(
                    effect: try payload.id("effect"), reason: try payload.choice("reason"),
                    because: try payload.text("because"), at: try payload.moment("at")))
        case .ownershipTaken:
            self = .ownershipTaken(
                HandOver(
                    pattern: try payload.parsed("fields") { try? PathPattern($0) },
                    owner: payload.has("owner") ? try payload.choice("owner") : nil,
                    because: try payload.optionalText("because")))
        case .wentStale:
            self = .wentStale(
                WentStale(
                    since: try payload.moment("since"), workflow: try payload.optionalVersion("workflow_version"),
                    journey: try payload.optionalVersion("journey_version"),
                    patience: try payload.int("patience_seconds"), at: try payload.moment("at")))
        }
    }
}

extension StreamVersion {
    fileprivate var json: JSONValue { .number(JSONNumber(rawValue)) }
}

extension PayloadReader {
    /// A version of a stream; `nil` while it has none.
    fileprivate func optionalVersion(_ key: String) throws(EventFlaw) -> StreamVersion? {
        try optionalInt(key).map { StreamVersion(Int64($0)) }
    }
}

extension Parties {
    fileprivate var members: [(String, JSONValue?)] {
        [
            ("workflow_subject", .string(workflow)), ("journey_subject", .string(journey)),
            (
                "compared",
                .object(
                    JSONObject(omittingNil: [
                        ("workflow", compared.workflow?.json),
                        ("journey", compared.journey?.json),
                        ("mapping", compared.mapping.map { .string($0.mapping) }),
                        ("mapping_version", compared.mapping.map { .number(JSONNumber($0.version)) }),
                    ]))
            ),
        ]
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        let compared = try payload.nested("compared")
        self.init(
            workflow: try payload.text("workflow_subject"), journey: try payload.text("journey_subject"),
            compared: Receipt.Compared(
                workflow: try compared.optionalVersion("workflow"),
                journey: try compared.optionalVersion("journey"),
                mapping: try compared.optionalText("mapping").map { mapping throws(EventFlaw) in
                    MappingPin(mapping: mapping, version: try compared.int("mapping_version"))
                }))
    }
}
