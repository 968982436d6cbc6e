import EventSourcing

/// What the demonstration does to both engines, and when: the same seed makes the same script.
struct DemoScript: Sendable {
    /// Something that happens.
    enum Act: Equatable, Sendable {
        /// The run starts, and a customer opens a conversation about it.
        case begin
        /// The customer says what is wanted and comes to where the run waits for a person.
        case ask
        /// The customer gives this answer where the run waits, and goes on.
        case answer(String)
        /// Somebody at Sim resumes the run with this answer.
        case resume(String)
        /// Somebody at Sim cancels the run.
        case cancel
        /// The conversation says that the limit is another one.
        case claimLimit(Int)
        /// The conversation goes to a state where the run never comes.
        case wander
    }

    /// An act and its moment.
    struct Step: Equatable, Sendable {
        /// Since the beginning.
        let at: Duration
        /// Which execution, from 0.
        let execution: Int
        let act: Act
    }

    /// The stories by execution.
    let stories: [DemoStory]
    /// In the order of time.
    let steps: [Step]

    /// - Parameters:
    ///   - executions: how many; the stories take turns.
    ///   - window: the time in which all of it begins.
    init(executions: Int, seed: UInt64, within window: Duration = .seconds(5)) {
        var dice = DemoDice(seed: seed)
        stories = (0..<executions).map { DemoStory.allCases[$0 % DemoStory.allCases.count] }
        var steps: [Step] = []
        for (execution, story) in stories.enumerated() {
            var at = window / 3 * dice.part()
            func add(_ act: Act, after pause: Duration) {
                at += pause
                steps.append(Step(at: at, execution: execution, act: act))
            }
            func pause() -> Duration { .milliseconds(500) + (window / 4) * dice.part() }
            add(.begin, after: .zero)
            add(.ask, after: .zero)
            for act in Self.acts(of: story) { add(act, after: act.isAtOnce ? .zero : pause()) }
        }
        self.steps = steps.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
    }

    private static func acts(of story: DemoStory) -> [Act] {
        switch story {
        case .answered: [.answer("approve")]
        case .resumed: [.resume("approve")]
        case .cancelled: [.cancel]
        case .disputed: [.claimLimit(80), .answer("approve")]
        case .contradicted: [.resume("approve"), .answer("decline")]
        case .wandered: [.wander]
        }
    }
}

extension DemoScript.Act {
    /// Whether it happens together with the act before it.
    fileprivate var isAtOnce: Bool { self == .answer("decline") }
}

/// Chance from a seed: the same everywhere.
struct DemoDice: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    /// From 0 up to 1.
    mutating func part() -> Double { Double(next() >> 11) / Double(UInt64(1) << 53) }
}
