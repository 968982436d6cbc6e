import EventSourcingTesting

/// Who is struck that works at a job, and how.
struct JobPlan: Hashable, Sendable {
    enum Worker: String, CaseIterable, Sendable {
        /// The verb that has filed it, where nobody serves.
        case verb
        /// A process that serves, beside its lanes; the verb follows.
        case reconciler
    }

    enum Strike: String, CaseIterable, Sendable {
        /// `kill -9` before what was looked at is written.
        case kill
        /// `kill -9` right behind that.
        case killBehind
        /// SIGSTOP until somebody else works at the job, then SIGCONT.
        case pause
    }

    let worker: Worker
    let strike: Strike

    /// A seed's plans: the workers take turns, and so do the strikes; after six everything was done.
    static func plans(_ count: Int, seed: UInt64) -> [JobPlan] {
        var random = SeededGenerator(seed: seed)
        let workers = Worker.allCases.shuffled(using: &random)
        let strikes = Strike.allCases.shuffled(using: &random)
        return (0..<count).map { JobPlan(worker: workers[$0 % workers.count], strike: strikes[$0 % strikes.count]) }
    }
}

extension JobPlan: CustomStringConvertible {
    var description: String { "\(strike.rawValue) of the \(worker.rawValue)" }
}
