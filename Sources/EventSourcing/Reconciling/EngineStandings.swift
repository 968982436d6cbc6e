import EventModel

/// Where processes that tell engines something say how they reach them, so that it can be seen from outside. Implementations agree on every sentence here.
public protocol EngineStandings: Sendable {
    /// Writes down how a process reaches the engines now, and forgets what nobody has said for a day.
    func record(_ standings: [EngineStanding]) async throws(StoreError)

    /// What every process has said last, by side and holder, with how long ago that was by the store's clock.
    func engineStandings() async throws(StoreError) -> [(standing: EngineStanding, age: Duration)]
}

/// How one process reaches the engine of one side.
public struct EngineStanding: Sendable, Hashable {
    /// `workflow` or `journey`.
    public let side: String
    /// The process.
    public let holder: String
    /// The circuit breaker before the engine; its name is the engine's.
    public let circuit: CircuitStanding

    /// A standing by its parts.
    public init(side: String, holder: String, circuit: CircuitStanding) {
        self.side = side
        self.holder = holder
        self.circuit = circuit
    }
}
