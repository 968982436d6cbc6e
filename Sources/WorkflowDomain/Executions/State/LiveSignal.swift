import EventModel

/// The latest word about an execution that has not ended. The greatest of all that were said counts, so order does not matter.
struct LiveSignal: Comparable, Hashable, Sendable {
    /// Of signals of the same moment, the one that stands still longer counts.
    enum Kind: Int, Sendable {
        case queued, running, waiting, paused
    }

    /// When; ``Timestamp/earliest`` when nobody says.
    let at: Timestamp
    /// The engine's number of the report; -1 without.
    let sequence: Int
    let kind: Kind
    /// The wait, when it waits; any, when it does not.
    let wait: WaitName
    /// The engine's word.
    let word: String

    static func < (left: LiveSignal, right: LiveSignal) -> Bool {
        guard left.at == right.at else { return left.at < right.at }
        guard left.sequence == right.sequence else { return left.sequence < right.sequence }
        guard left.kind == right.kind else { return left.kind.rawValue < right.kind.rawValue }
        guard left.wait == right.wait else { return left.wait < right.wait }
        return left.word < right.word
    }
}

extension LiveSignal {
    /// The signal that a report gives, if it gives one: blocks and ends do not.
    init?(_ report: ExecutionReport) {
        let kind: Kind
        var wait = WaitName.unnamed(.earliest)
        switch report.fact {
        case .started, .resumed, .noted(.running): kind = .running
        case .noted(.queued): kind = .queued
        case .paused: kind = .paused
        case .waitStarted(let fact):
            kind = .waiting
            wait = WaitName(fact.context, at: report.at)
        case .blockStarted, .blockCompleted, .blockFailed, .blockSkipped, .childWorkflowStarted, .completed, .failed,
            .cancelled:
            return nil
        }
        let start: Timestamp? = if case .started = report.fact { report.startedAt } else { nil }
        self.init(
            at: start ?? report.at ?? .earliest, sequence: report.original.sequence ?? -1, kind: kind, wait: wait,
            word: report.original.word)
    }
}

/// One way in which an execution is said to have ended. The greatest of all that were said counts.
public struct ExecutionEnding: Comparable, Hashable, Sendable {
    /// When; ``Timestamp/earliest`` when nobody says.
    public let at: Timestamp
    /// The engine's word.
    public let word: String
    /// The code of its error.
    public let code: String

    /// By time, then by the words.
    public static func < (left: ExecutionEnding, right: ExecutionEnding) -> Bool {
        (left.at, left.word, left.code) < (right.at, right.word, right.code)
    }
}

extension ExecutionEnding: Snapshotable {
    /// An object.
    public var snapshot: JSONValue {
        ["at": at.snapshot, "code": .string(code), "word": .string(word)]
    }

    /// Reads it back.
    public init(snapshot: PayloadReader) throws(EventFlaw) {
        self.init(at: try snapshot.moment("at"), word: try snapshot.text("word"), code: try snapshot.text("code"))
    }
}

extension LiveSignal: Snapshotable {
    var snapshot: JSONValue {
        [
            "at": at.snapshot, "kind": .number(JSONNumber(kind.rawValue)), "sequence": .number(JSONNumber(sequence)),
            "wait": wait.snapshot, "word": .string(word),
        ]
    }

    init(snapshot: PayloadReader) throws(EventFlaw) {
        let rank = try snapshot.int("kind")
        guard let kind = Kind(rawValue: rank) else { throw .unexpected(snapshot.path["kind"], value: "\(rank)") }
        self.init(
            at: try snapshot.moment("at"), sequence: try snapshot.int("sequence"), kind: kind,
            wait: try snapshot.part("wait"), word: try snapshot.text("word"))
    }
}
