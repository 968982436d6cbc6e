import EventModel

/// What is known of one visit: a join of everything that was reported, so that order and repetition do not matter.
///
/// The engine may try a block several times in one visit. The attempt with the highest number says how the visit stands.
public struct VisitState: Equatable, Sendable {
    /// The attempts by number, from 1.
    public private(set) var attempts: [Int: VisitAttempt] = [:]
    /// The engine's names of the child workflows' runs that this visit began.
    public private(set) var instances: Set<String> = []

    init() {}

    /// How the visit stands.
    public var status: VisitStatus { latest?.status ?? .started }

    /// The attempt that counts.
    public var latest: VisitAttempt? { attempts.max { $0.key < $1.key }?.value }

    /// Whether the same attempt was reported to have ended in different ways.
    public var isContradictory: Bool { attempts.values.contains(where: \.isContradictory) }

    /// When the first attempt began, as far as is known.
    public var startedAt: Timestamp? { attempts.values.compactMap(\.startedAt).min() }

    /// Takes in a report about this visit.
    mutating func join(
        _ block: BlockFact, outcome: BlockOutcome?, times: (start: Timestamp?, end: Timestamp?),
        _ contents: CanonicalContents
    ) throws(ExecutionRejection) {
        try take(attempt: block.attempt)
        if let instance = block.instance { try take(instance: instance) }
        var attempt = attempts[block.attempt] ?? VisitAttempt()
        try attempt.join(outcome, times: times, contents)
        attempts[block.attempt] = attempt
    }

    private func take(attempt: Int) throws(ExecutionRejection) {
        guard attempts[attempt] != nil || attempts.count < ExecutionLimits.attempts else {
            throw .tooManyAttempts(limit: ExecutionLimits.attempts)
        }
    }

    private mutating func take(instance: String) throws(ExecutionRejection) {
        guard instances.contains(instance) || instances.count < ExecutionLimits.instances else {
            throw .tooManyInstances(limit: ExecutionLimits.instances)
        }
        instances.insert(instance)
    }
}

extension VisitState {
    /// What both know together, of one visit that two sources call differently.
    func joined(_ other: VisitState) -> VisitState {
        var joined = self
        joined.instances.formUnion(other.instances)
        joined.attempts.merge(other.attempts) { $0.joined($1) }
        return joined
    }
}

/// How an attempt ended.
public enum BlockOutcome: Hashable, Sendable {
    /// Well.
    case completed
    /// With an error; `handled` when the workflow has a way out for it and took it.
    case failed(handled: Bool)
    /// It never began.
    case skipped
}

/// What is known of one attempt at a block.
public struct VisitAttempt: Equatable, Sendable {
    /// When it began: the earliest time that was told.
    public private(set) var startedAt: Timestamp?
    /// When it is said to have completed; the latest time that was told, ``Timestamp/earliest`` when none was.
    public private(set) var completedAt: Timestamp?
    /// When it is said to have failed, likewise.
    public private(set) var failedAt: Timestamp?
    /// When it is said to have been skipped, likewise.
    public private(set) var skippedAt: Timestamp?
    /// Whether its error was handled, by any report's word.
    public private(set) var isHandled = false
    /// What it was given.
    public private(set) var input = ContentVersions.none
    /// What it answered.
    public private(set) var output = ContentVersions.none
    /// What went wrong.
    public private(set) var error = ContentVersions.none

    init() {}

    /// How it stands. Of contradictory ends the later one counts; at the same time a failure before a completion before a skip.
    public var status: VisitStatus {
        let ends: [(at: Timestamp, rank: Int, status: VisitStatus)] = [
            skippedAt.map { ($0, 0, .skipped) }, completedAt.map { ($0, 1, .completed) },
            failedAt.map { ($0, 2, .failed) },
        ].compactMap(\.self)
        return ends.max { ($0.at, $0.rank) < ($1.at, $1.rank) }?.status ?? .started
    }

    /// Whether it was reported to have ended in different ways.
    public var isContradictory: Bool { [completedAt, failedAt, skippedAt].count { $0 != nil } > 1 }

    /// When it ended, in the way that counts; `nil` before, or when nobody said.
    public var endedAt: Timestamp? {
        let end: Timestamp? =
            switch status {
            case .started: nil
            case .completed: completedAt
            case .failed: failedAt
            case .skipped: skippedAt
            }
        return end == .earliest ? nil : end
    }

    mutating func join(
        _ outcome: BlockOutcome?, times: (start: Timestamp?, end: Timestamp?), _ contents: CanonicalContents
    ) throws(ExecutionRejection) {
        startedAt.lower(to: times.start)
        switch outcome {
        case nil: break
        case .completed: completedAt.raise(to: times.end ?? .earliest)
        case .failed(let handled):
            failedAt.raise(to: times.end ?? .earliest)
            isHandled = isHandled || handled
        case .skipped: skippedAt.raise(to: times.end ?? .earliest)
        }
        try input.join(contents.input)
        try output.join(contents.output)
        try error.join(contents.error)
    }
}

extension VisitAttempt {
    fileprivate func joined(_ other: VisitAttempt) -> VisitAttempt {
        var joined = self
        joined.startedAt.lower(to: other.startedAt)
        joined.completedAt.raise(to: other.completedAt)
        joined.failedAt.raise(to: other.failedAt)
        joined.skippedAt.raise(to: other.skippedAt)
        joined.isHandled = isHandled || other.isHandled
        joined.input = input.joined(other.input)
        joined.output = output.joined(other.output)
        joined.error = error.joined(other.error)
        return joined
    }
}

// MARK: Snapshots

extension VisitState: Snapshotable {
    /// An object.
    public var snapshot: JSONValue {
        let attempts = attempts.sorted { $0.key < $1.key }.map { number, attempt -> JSONValue in
            ["number": .number(JSONNumber(number)), "attempt": attempt.snapshot]
        }
        let names = instances.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return .object(
            JSONObject(omittingNil: [
                "attempts": .array(attempts), "instances": names.isEmpty ? nil : .array(names.map(JSONValue.string)),
            ]))
    }

    /// Reads it back.
    public init(snapshot: PayloadReader) throws(EventFlaw) {
        for attempt in try snapshot.elements("attempts") {
            attempts[try attempt.int("number")] = try attempt.part("attempt")
        }
        instances = Set(try snapshot.texts("instances"))
    }
}

extension VisitAttempt: Snapshotable {
    /// An object.
    public var snapshot: JSONValue {
        .object(
            JSONObject(omittingNil: [
                "startedAt": startedAt?.snapshot, "completedAt": completedAt?.snapshot,
                "failedAt": failedAt?.snapshot, "skippedAt": skippedAt?.snapshot,
                "handled": isHandled ? .bool(true) : nil, "input": input.snapshot, "output": output.snapshot,
                "error": error.snapshot,
            ]))
    }

    /// Reads it back.
    public init(snapshot: PayloadReader) throws(EventFlaw) {
        startedAt = try snapshot.optionalMoment("startedAt")
        completedAt = try snapshot.optionalMoment("completedAt")
        failedAt = try snapshot.optionalMoment("failedAt")
        skippedAt = try snapshot.optionalMoment("skippedAt")
        isHandled = try snapshot.optionalBool("handled") ?? false
        input = try snapshot.part("input")
        output = try snapshot.part("output")
        error = try snapshot.part("error")
    }
}
