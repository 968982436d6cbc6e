import EventSourcingTesting

/// Who is struck that works at a job, where, and how.
struct JobPlan: Hashable, Sendable {
    /// What is about to be stored.
    enum Step: String, CaseIterable, Sendable {
        /// A decision, with its effect. A process that serves may take it for its lanes as well.
        case deciding
        /// What a page of looks has come to.
        case counting
    }

    enum Worker: String, CaseIterable, Sendable {
        /// The verb that has filed it, where nobody serves.
        case verb
        /// A process that serves, beside its lanes; the verb follows.
        case reconciler
    }

    enum Strike: String, CaseIterable, Sendable {
        /// `kill -9` before it is stored.
        case kill
        /// `kill -9` right behind that.
        case killBehind
        /// SIGSTOP until somebody else works at the job, then SIGCONT.
        case pause
    }

    let worker: Worker
    let step: Step
    let strike: Strike

    /// A seed's plans: workers, steps and strikes take turns; after twelve everything was done.
    static func plans(_ count: Int, seed: UInt64) -> [JobPlan] {
        var random = SeededGenerator(seed: seed)
        let workers = Worker.allCases.shuffled(using: &random)
        let steps = Step.allCases.shuffled(using: &random)
        let strikes = Strike.allCases.shuffled(using: &random)
        return (0..<count).map { number in
            JobPlan(
                worker: workers[number % 2], step: steps[(number + number / 6) % 2], strike: strikes[number % 3])
        }
    }
}

extension JobPlan: CustomStringConvertible {
    var description: String { "\(strike.rawValue) of the \(worker.rawValue) that is \(step.rawValue)" }
}
