/// What a simulated world is about. Every scenario has the same scheduler, database, faults and frame; its processes, its workload and
/// its audits are its own.
public enum Scenario: String, Sendable, CaseIterable, Hashable {
    /// Appends, group commit, subscriptions, the publisher and the projector.
    case publishing
    /// Projectors share the lanes of a read model with a checkpoint for each.
    case sharing
    /// Projectors read the lanes of a read model from the topic, where a group gives them out.
    case feeding
    /// Reports of executions and sessions are taken in from a topic that anybody writes to.
    case ingest
    /// Personal data is sealed, keys are rotated and destroyed, and erasures are put on record.
    case sealing
    /// Several processes convert workflows that are edited meanwhile.
    case conversion
    /// Rows that cannot be written are parked, retried and left out while events arrive.
    case parking
    /// Several reconcilers bring runs and conversations together that go their own ways.
    case reconciling

    /// How often faults happen in it.
    var rates: FaultRates {
        switch self {
        case .publishing: FaultRates()
        case .feeding: FaultRates.withLateWrites
        case .sharing, .ingest, .sealing, .conversion, .parking, .reconciling: FaultRates.withDeaths
        }
    }

    /// Sets it up in a world.
    func stage(in world: World) -> any Stage {
        switch self {
        case .publishing: PublishingStage(in: world)
        case .sharing: SharingStage(in: world)
        case .feeding: FeedingStage(in: world)
        case .ingest: IngestStage(in: world)
        case .sealing: SealingStage(in: world)
        case .conversion: ConversionStage(in: world)
        case .parking: ParkingStage(in: world)
        case .reconciling: ReconcilingStage(in: world)
        }
    }
}

/// A scenario set up in a world: who takes part, and how to tell that all is well.
protocol Stage: Sendable {
    /// The server that they all use.
    var database: SimulatedDatabase { get }
    /// The processes, by their names.
    var parts: [Part] { get }
    /// Breaks something of this scenario's own; `kind` is 74 to 99.
    func strike(_ kind: Int, for duration: Duration)
    /// Mends what ``strike(_:for:)`` broke: the world is calm from now on.
    func recover()
    /// Whether everything that was wanted has come to its end, and everybody has everything.
    var isSettled: Bool { get }
    /// What can be said of a world that did not settle.
    func explainDelay()
    /// The last look, at a world that stands still.
    func conclude()
}

/// A process of a scenario: its name, and what it runs in each of its lives.
typealias Part = (name: String, body: @Sendable (SimulatedProcess) async -> Void)
