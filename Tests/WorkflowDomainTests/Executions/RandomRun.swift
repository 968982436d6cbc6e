import EventModel
import WorkflowDomain

/// A generator of numbers from a seed, so that a failure can be repeated.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

/// Reports about one execution as a careless world would make them: blocks in loops and branches, attempts, waits, several ends, contents
/// that differ, words that contradict each other, times that are missing or go backwards.
struct RandomRun {
    let reports: [ExecutionReport]
    static let execution = ExecutionID("e1").unsafelyPresent

    init(seed: UInt64, count: Int = 24) {
        var numbers = SeededNumbers(seed: seed)
        reports = (0..<count).map { _ in Self.report(&numbers) }
    }

    private static func report(_ numbers: inout SeededNumbers) -> ExecutionReport {
        let at =
            Bool.random(using: &numbers) || Bool.random(using: &numbers)
            ? moment(Int.random(in: 0..<8, using: &numbers)) : nil
        let start = Int.random(in: 0..<3, using: &numbers) == 0 ? moment(Int.random(in: 0..<8, using: &numbers)) : nil
        let end = Int.random(in: 0..<3, using: &numbers) == 0 ? moment(Int.random(in: 0..<8, using: &numbers)) : nil
        return ExecutionReport(
            fact(&numbers), of: execution, workflow: Bool.random(using: &numbers) ? WorkflowID("w1") : nil, at: at,
            startedAt: start, endedAt: end, contents: contents(&numbers),
            original: OriginalWord(
                source: "neutral", word: ["a", "b"].randomElement(using: &numbers) ?? "a",
                sequence: Bool.random(using: &numbers) ? Int.random(in: 0..<4, using: &numbers) : nil))
    }

    private static func contents(_ numbers: inout SeededNumbers) -> ReportContents {
        func some(_ numbers: inout SeededNumbers) -> JSONValue? {
            let choices: [JSONValue?] = [
                nil, nil, ["a": 1], ["a": .number(JSONNumber("1.0").unsafelyPresent)], ["a": 2, "b": [1, 2]], "x",
            ]
            return choices.randomElement(using: &numbers) ?? nil
        }
        return ReportContents(input: some(&numbers), output: some(&numbers), error: some(&numbers))
    }

    private static func fact(_ numbers: inout SeededNumbers) -> ExecutionFact {
        switch Int.random(in: 0..<20, using: &numbers) {
        case 0: .started(ExecutionStart(trigger: ["api", "chat", nil].randomElement(using: &numbers) ?? nil))
        case 1: .noted(.queued)
        case 2: .noted(.running)
        case 3, 4: .waitStarted(wait(&numbers))
        case 5: .resumed(context: [nil, "c1", "c2"].randomElement(using: &numbers) ?? nil)
        case 6: .paused
        case 7: Int.random(in: 0..<2, using: &numbers) == 0 ? .completed : .failed(code: "TIMEOUT")
        case 8: Int.random(in: 0..<3, using: &numbers) == 0 ? .cancelled : .noted(.running)
        case 9, 10, 11, 12: .blockStarted(block(&numbers))
        case 13, 14, 15: .blockCompleted(block(&numbers))
        case 16, 17: .blockFailed(block(&numbers), handled: Bool.random(using: &numbers))
        case 18: .blockSkipped(block(&numbers))
        default: .childWorkflowStarted(block(&numbers))
        }
    }

    private static func wait(_ numbers: inout SeededNumbers) -> WaitFact {
        WaitFact(
            kind: [nil, .human, .time].randomElement(using: &numbers) ?? nil,
            context: [nil, "c1", "c2"].randomElement(using: &numbers) ?? nil,
            resumeAt: Bool.random(using: &numbers) ? moment(Int.random(in: 8..<12, using: &numbers)) : nil,
            blockedOn: Bool.random(using: &numbers) ? ["b1", "b2"].randomElement(using: &numbers) : nil)
    }

    private static func block(_ numbers: inout SeededNumbers) -> BlockFact {
        let block: ElementID = ["b1", "b2", "b3"].randomElement(using: &numbers) ?? "b1"
        let frames: [[IterationFrame]] = [
            [], [], [.loop("l", index: 0)], [.parallel("p", index: 1), .loop("l", index: 1)], [.child("k")],
        ]
        return BlockFact(
            BlockVisit(
                block, in: frames.randomElement(using: &numbers) ?? [],
                order: Bool.random(using: &numbers) ? Int.random(in: 1..<3, using: &numbers) : nil),
            attempt: Int.random(in: 1..<3, using: &numbers),
            instance: Int.random(in: 0..<4, using: &numbers) == 0 ? "k" : nil)
    }

    /// A moment by its number: seconds since some morning.
    static func moment(_ number: Int) -> Timestamp {
        Timestamp(microseconds: 1_772_442_000_000_000 + Int64(number) * 1_000_000)
    }
}

extension Optional {
    /// The value of a literal that is known to be there.
    var unsafelyPresent: Wrapped {
        guard let self else { preconditionFailure("a literal of the tests is not what it should be") }
        return self
    }
}
