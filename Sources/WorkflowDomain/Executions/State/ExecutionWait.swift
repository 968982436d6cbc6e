import EventModel

/// One thing that an execution waits or waited for.
public struct ExecutionWait: Hashable, Sendable {
    /// When it began to wait, the latest time if several are told.
    public private(set) var startedAt: Timestamp?
    /// When it was resumed, the latest time if several are told.
    public private(set) var resumedAt: Timestamp?
    /// A person or a time.
    public private(set) var kind: WaitKind?
    /// When it goes on by itself.
    public private(set) var resumeAt: Timestamp?
    /// The block that waits.
    public private(set) var blockedOn: ElementID?
    /// With what it was resumed.
    public private(set) var input = ContentVersions.none
    /// What is shown to the person who is waited for.
    public private(set) var output = ContentVersions.none
    /// Why it could not be resumed.
    public private(set) var error = ContentVersions.none

    init() {}

    /// Whether it still waits: it was begun, and not resumed since.
    public var isOpen: Bool {
        guard let startedAt else { return false }
        return resumedAt.map { $0 < startedAt } ?? true
    }

    mutating func begin(_ fact: WaitFact, at: Timestamp?) {
        startedAt.raise(to: at ?? .earliest)
        // Two kinds for one wait: the one that needs a person, because nothing else will end it.
        if let other = fact.kind { kind = kind == .human ? .human : other }
        resumeAt.raise(to: fact.resumeAt)
        blockedOn.lower(to: fact.blockedOn)
    }

    mutating func end(at: Timestamp?) { resumedAt.raise(to: at ?? .earliest) }

    mutating func join(_ contents: CanonicalContents) throws(ExecutionRejection) {
        try input.join(contents.input)
        try output.join(contents.output)
        try error.join(contents.error)
    }
}

/// By what waits of one execution are told apart.
public enum WaitName: Hashable, Comparable, Sendable {
    /// The engine's name.
    case context(String)
    /// The moment, where the engine has no name for it; ``EventModel/Timestamp/earliest`` when nobody says.
    case unnamed(Timestamp)

    init(_ context: String?, at: Timestamp?) {
        self = context.map(WaitName.context) ?? .unnamed(at ?? .earliest)
    }

    /// The engine's name, if it has one.
    public var context: String? {
        switch self {
        case .context(let context): context
        case .unnamed: nil
        }
    }
}

extension ExecutionReport {
    /// The wait that it is about; `nil` when it is about none.
    public var wait: WaitName? {
        switch fact {
        case .waitStarted(let fact): WaitName(fact.context, at: at)
        case .resumed(let context): WaitName(context, at: at)
        case .paused: WaitName(nil, at: at)
        case .started, .completed, .failed, .cancelled, .noted, .blockStarted, .blockCompleted, .blockFailed,
            .blockSkipped, .childWorkflowStarted:
            nil
        }
    }
}

extension WaitName: Snapshotable {
    /// An object of one member.
    public var snapshot: JSONValue {
        switch self {
        case .context(let context): ["context": .string(context)]
        case .unnamed(let moment): ["at": moment.snapshot]
        }
    }

    /// Reads it back.
    public init(snapshot: PayloadReader) throws(EventFlaw) {
        self =
            if let context = try snapshot.optionalText("context") { .context(context) } else {
                .unnamed(try snapshot.moment("at"))
            }
    }
}

extension ExecutionWait: Snapshotable {
    /// An object.
    public var snapshot: JSONValue {
        .object(
            JSONObject(omittingNil: [
                "startedAt": startedAt?.snapshot, "resumedAt": resumedAt?.snapshot,
                "kind": (kind?.rawValue).map(JSONValue.string), "resumeAt": resumeAt?.snapshot,
                "blockedOn": (blockedOn?.text).map(JSONValue.string), "input": input.snapshot,
                "output": output.snapshot, "error": error.snapshot,
            ]))
    }

    /// Reads it back.
    public init(snapshot: PayloadReader) throws(EventFlaw) {
        startedAt = try snapshot.optionalMoment("startedAt")
        resumedAt = try snapshot.optionalMoment("resumedAt")
        kind = snapshot.has("kind") ? try snapshot.choice("kind") : nil
        resumeAt = try snapshot.optionalMoment("resumeAt")
        blockedOn = try snapshot.optionalText("blockedOn").map { ElementID($0) }
        input = try snapshot.part("input")
        output = try snapshot.part("output")
        error = try snapshot.part("error")
    }
}
