import EventSourcingTesting

/// What one change of what readers see is, and how it is disturbed.
struct ChangeoverPlan: Hashable, Sendable {
    let disturbance: Disturbance
    /// Whose rows.
    let projection: String
    /// How the generation that a rebuild makes keeps its checkpoints.
    let layout: Layout
    /// Where in its life the process is struck that is struck anywhere, as a part of how long the one before it lived.
    let moment: Double

    enum Layout: String, CaseIterable, Sendable {
        case whole
        case byLane = "by-lane"
    }

    struct Disturbance: Hashable, Sendable {
        let verb: Verb
        let step: Step
        let strike: Strike
    }

    enum Verb: String, CaseIterable, Sendable {
        case rebuild, rollback

        var steps: [Step] { self == .rebuild ? Step.allCases : [.exchanging, .showing, .committing, .anywhere] }
    }

    /// What the process is doing when it is struck: the server stops it there until it has been struck.
    enum Step: String, CaseIterable, Sendable {
        /// The generation is being registered.
        case beginning
        /// Rows are being copied.
        case copying
        /// Rows are copied, and their checkpoints are being written.
        case loading
        /// The key is being made.
        case indexing
        /// The generation is being declared whole.
        case finishing
        /// The report is being kept.
        case comparing
        /// The states are being exchanged; readers see the old one still.
        case exchanging
        /// The view is being replaced; readers wait.
        case showing
        /// The exchange is being committed: nobody hears whether it was.
        case committing
        /// Wherever it is then.
        case anywhere
    }

    enum Strike: String, CaseIterable, Sendable {
        /// `kill -9` in the middle of the step.
        case kill
        /// `kill -9` when the server has just been let go on.
        case killBehind = "kill behind"
        /// SIGSTOP until its lease has run out and another run leads, then SIGCONT.
        case pause
    }

    /// Those whose rows plain SQL can make from the log.
    static let projections = ["timeline", "workflows", "activity_by_hour"]

    /// Everything that can happen has its turn, in random order, before any comes again. What reads the topic keeps a checkpoint for each lane.
    static func plans(_ rounds: Int, seed: UInt64, reading source: RoundPlan.Source) -> [ChangeoverPlan] {
        var random = SplitMix64(seed: seed)
        var queue: [Disturbance] = []
        return (0..<rounds).map { _ in
            if queue.isEmpty { queue = repertoire.shuffled(using: &random) }
            return ChangeoverPlan(
                disturbance: queue.removeLast(),
                projection: projections[Int.random(in: projections.indices, using: &random)],
                layout: source == .log && Bool.random(using: &random) ? .whole : .byLane,
                moment: Double.random(in: 0..<1, using: &random))
        }
    }

    static let repertoire = Verb.allCases.flatMap { verb in
        verb.steps.flatMap { step in
            Strike.allCases.map { Disturbance(verb: verb, step: step, strike: $0) }
        }
    }

    /// The words for the binary.
    var arguments: [String] {
        switch disturbance.verb {
        case .rebuild:
            ["projections", "rebuild", projection, "--activate", "--layout", layout.rawValue, "--json"]
        case .rollback: ["projections", "rollback", projection, "--json"]
        }
    }
}

extension ChangeoverPlan: CustomStringConvertible {
    var description: String {
        "\(disturbance.strike.rawValue) a \(disturbance.verb.rawValue) of \(projection) "
            + (disturbance.verb == .rebuild ? "(\(layout.rawValue)) " : "") + "while \(disturbance.step.rawValue)"
    }
}
