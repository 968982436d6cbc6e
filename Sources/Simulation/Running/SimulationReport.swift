/// What became of a simulated world.
public struct SimulationReport: Sendable, CustomStringConvertible {
    /// The seed.
    public var seed: UInt64
    /// What the world was about.
    public var scenario: Scenario
    /// What was broken on purpose.
    public var mutation: Mutation?
    /// Laws that were broken; empty for a sound world.
    public var violations: [Violation]
    /// A number over everything that happened.
    public var digest: UInt64
    /// How often each fault happened.
    public var faults: [Fault: Int]
    /// Events in the log at the end.
    public var events: Int
    /// Jobs and planned actions that were performed.
    public var steps: Int
    /// How long the world lived by its own clock.
    public var virtualTime: Duration
    /// The last lines of the trace.
    public var tail: [String]

    /// How to see this world again.
    public var replay: String {
        "LOCKSTEP_SIM_SCENARIO=\(scenario.rawValue) LOCKSTEP_SIM_SEED=\(seed) swift test --filter SimulationTests"
    }

    /// What happened, for a person with a failing seed.
    public var description: String {
        guard !violations.isEmpty else {
            return "\(scenario.rawValue), seed \(seed): \(events) events, \(steps) steps, no violation"
        }
        return
            (["\(scenario.rawValue), seed \(seed) broke the law; replay: \(replay)"] + violations.map { "  \($0)" } + [
                "  the last lines:"
            ]
            + tail.map { "  | \($0)" }).joined(separator: "\n")
    }
}
