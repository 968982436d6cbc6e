/// The floors of the house, bottom-up. A target may import what lies on lower floors, and the neighbours named here.
enum HousePlan {
    static let floors: [[String]] = [
        ["CLibPQ", "CRDKafka", "CLZ4"],
        ["EventModel"],
        ["WorkflowDomain", "JourneyDomain", "Conversion", "Reconciliation", "ReadModels"],
        ["EventSourcing", "Connecting", "PostgresDriver", "KafkaDriver", "LZ4", "HTTPDriver", "Schemas"],
        ["PostgresEventStore", "PostgresReadModels", "KafkaPublishing", "SimConnector", "ParlantConnector"],
        ["Projector", "Reconciler", "Ingest", "Converting", "Audit", "Replaying", "Operations"],
        ["lockstep"],
    ]

    /// The testing kit, the simulator, the check of schemas and the stand-ins for engines stand beside the house: they may import floors 1 to 5 and each other, and nothing
    /// else imports them.
    static let aside = [
        "EventSourcingTesting", "Simulation", "SchemaChecking", "StandInDoor", "SimStandIn", "ParlantStandIn",
    ]

    /// Neighbours on one floor that may see each other.
    static let neighbours: [String: Set<String>] = [
        "Conversion": ["WorkflowDomain", "JourneyDomain"],
        "Reconciliation": ["WorkflowDomain", "JourneyDomain"],
        "ReadModels": ["WorkflowDomain", "JourneyDomain"],
    ]

    /// Modules of others that a floor may use, beside the standard library.
    static let foreign: [Int: Set<String>] = [
        0: [],
        1: ["FoundationEssentials", "Crypto", "Synchronization"],
        2: ["FoundationEssentials", "Crypto", "Yams", "Synchronization"],
    ]

    /// Targets that must not know any adapter or driver although they stand above them: the simulator runs them over models.
    static let portsOnly = [
        "Projector", "Reconciler", "Ingest", "Converting", "Audit", "Replaying", "Operations",
    ]
    static let adaptersAndDrivers: Set<String> = [
        "PostgresEventStore", "PostgresReadModels", "KafkaPublishing", "SimConnector", "ParlantConnector",
        "PostgresDriver",
        "KafkaDriver", "LZ4", "HTTPDriver", "CLibPQ",
        "CRDKafka", "CLZ4",
    ]

    /// Where replays are made: they are given the half of the log that can be read, and a target of their own.
    static let replays = [
        "Sources/Replaying", "Sources/EventSourcing/Replaying", "Sources/KafkaPublishing/Replaying",
        "Sources/PostgresReadModels/Scratch",
    ]
    /// What appends, leads, moves checkpoints, and where readers look.
    static let ownedByRunningSystems = [
        "EventStore", "AppendRequest", "LeaseStore", "ProgressStore", "CheckpointStore", "ProjectionStore",
        "lockstep_views", "lockstep_read", "lockstep.",
    ]

    /// Drivers have never heard of an event.
    static let drivers = ["PostgresDriver", "KafkaDriver", "LZ4", "HTTPDriver"]

    static var ours: Set<String> { Set(floors.joined()).union(aside) }

    static func floor(of target: String) -> Int? { floors.firstIndex { $0.contains(target) } }
}
