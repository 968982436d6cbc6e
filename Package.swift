// swift-tools-version: 6.2
import PackageDescription

// The map, bottom-up. A target imports only floors below it; HouseTests enforces it.

/// Warnings are errors in every target of ours.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let yaml: Target.Dependency = .product(name: "Yams", package: "Yams")
let metrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let httpServer: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")

let package = Package(
    name: "lockstep",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "lockstep", targets: ["lockstep"])],
    dependencies: [
        // SHA-256 for digests and derived ids; AES-GCM when payloads are sealed.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // Reads Sim's historical YAML workflows, and policies.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // The queue of the group commit and the window of the publisher.
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        // The logging API; only main chooses a backend.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // Start, order and graceful shutdown of long-running roles.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // Verbs, options and --help.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Environment variables and a file become one documented struct per role.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults, "YAML"]),
        // Speaks HTTP to Sim and Parlant: pooled connections, deadlines, bounded bodies; NIO for its buffers, errors and a test server.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // The metrics API, as swift-log is that of logging: libraries count, only main chooses a backend.
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        // Answers HTTP: connections with limits, quiet shutdown. It stands on packages that are here already; without its default traits it brings none of its own
        // configuration. These two are the versions that can be had where this is built.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    ],
    targets: [
        // 0 C: module maps and shim headers, nothing else.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(
            name: "CRDKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"]), .brew(["librdkafka"])]),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"]), .brew(["lz4"])]),

        // 1 language: names, positions, events, lanes, digests, JSON at the door.
        .target(name: "EventModel", dependencies: [crypto], swiftSettings: strict),

        // 2 domain: Sim's workflows, their formats and the decider of their definitions.
        .target(name: "WorkflowDomain", dependencies: ["EventModel", crypto, yaml], swiftSettings: strict),
        // 2 domain: Parlant's journeys, their form, mermaid, and the deciders of definitions and sessions.
        .target(name: "JourneyDomain", dependencies: ["EventModel"], swiftSettings: strict),
        // 2 domain: workflow to journey and back, the mapping between them, validation of both.
        .target(
            name: "Conversion", dependencies: ["EventModel", "WorkflowDomain", "JourneyDomain"], swiftSettings: strict),
        // 2 domain: three-way comparison of the two sides, policies as data, resolution.
        .target(
            name: "Reconciliation", dependencies: ["EventModel", "WorkflowDomain", "JourneyDomain"],
            swiftSettings: strict),
        // 2 domain: folds from events to rows.
        .target(name: "ReadModels", dependencies: ["EventModel"], swiftSettings: strict),

        // 3 ports: the event store, subscriptions, leases, checkpoints; the group commit.
        .target(
            name: "EventSourcing", dependencies: ["EventModel", "ReadModels", crypto, deque], swiftSettings: strict),
        // 3 ports: what an engine can be told, and how its answers read.
        .target(name: "Connecting", dependencies: ["EventModel", "Reconciliation"], swiftSettings: strict),
        // 3 drivers: they have never heard of an event.
        .target(name: "PostgresDriver", dependencies: ["CLibPQ"], swiftSettings: strict),
        .target(name: "KafkaDriver", dependencies: ["CRDKafka"], swiftSettings: strict),
        .target(name: "LZ4", dependencies: ["CLZ4"], swiftSettings: strict),
        .target(
            name: "HTTPDriver", dependencies: [httpClient, nioCore, nioPosix, nioHTTP1], swiftSettings: strict),
        // 3 the contracts, embedded in the binary.
        .target(
            name: "Schemas", path: "Schemas",
            exclude: [
                "events", "ingest", "kafka", "cli", "operations", "postgres/read-models.md",
                "postgres/fingerprints.json",
                "policies/order_desk.yaml",
            ],
            sources: ["Schemas.swift"],
            resources: [
                .embedInCode("postgres/migrations/v0001_create_log.sql"),
                .embedInCode("postgres/migrations/v0002_read_models.sql"),
                .embedInCode("postgres/migrations/v0002_read_models_down.sql"),
                .embedInCode("postgres/migrations/v0003_subject_keys.sql"),
                .embedInCode("postgres/migrations/v0003_subject_keys_down.sql"),
                .embedInCode("postgres/migrations/v0004_inbound.sql"),
                .embedInCode("postgres/migrations/v0004_inbound_down.sql"),
                .embedInCode("postgres/migrations/v0005_domain_read_models.sql"),
                .embedInCode("postgres/migrations/v0005_domain_read_models_down.sql"),
                .embedInCode("postgres/migrations/v0006_inbound_operation.sql"),
                .embedInCode("postgres/migrations/v0006_inbound_operation_down.sql"),
                .embedInCode("postgres/migrations/v0007_conversations.sql"),
                .embedInCode("postgres/migrations/v0007_conversations_down.sql"),
                .embedInCode("postgres/migrations/v0008_sessions_v2.sql"),
                .embedInCode("postgres/migrations/v0008_sessions_v2_down.sql"),
                .embedInCode("postgres/migrations/v0009_generations.sql"),
                .embedInCode("postgres/migrations/v0009_generations_down.sql"),
                .embedInCode("postgres/migrations/v0010_parked_keys.sql"),
                .embedInCode("postgres/migrations/v0010_parked_keys_down.sql"),
                .embedInCode("postgres/migrations/v0011_sync_state.sql"),
                .embedInCode("postgres/migrations/v0011_sync_state_down.sql"),
                .embedInCode("postgres/migrations/v0012_generation_views.sql"),
                .embedInCode("postgres/migrations/v0012_generation_views_down.sql"),
                .embedInCode("postgres/migrations/v0013_workflows_v2.sql"),
                .embedInCode("postgres/migrations/v0013_workflows_v2_down.sql"),
                .embedInCode("postgres/migrations/v0014_lanes.sql"),
                .embedInCode("postgres/migrations/v0014_lanes_down.sql"),
                .embedInCode("postgres/migrations/v0015_snapshots.sql"),
                .embedInCode("postgres/migrations/v0015_snapshots_down.sql"),
                .embedInCode("postgres/migrations/v0016_generations_given_up.sql"),
                .embedInCode("postgres/migrations/v0016_generations_given_up_down.sql"),
                .embedInCode("postgres/migrations/v0017_contradictions.sql"),
                .embedInCode("postgres/migrations/v0017_contradictions_down.sql"),
                .embedInCode("postgres/migrations/v0018_reconciliation.sql"),
                .embedInCode("postgres/migrations/v0018_reconciliation_down.sql"),
                .embedInCode("postgres/migrations/v0019_reconciling.sql"),
                .embedInCode("postgres/migrations/v0019_reconciling_down.sql"),
                .embedInCode("postgres/migrations/v0020_reconcile_jobs.sql"),
                .embedInCode("postgres/migrations/v0020_reconcile_jobs_down.sql"),
                .embedInCode("postgres/migrations/v0021_stale_executions.sql"),
                .embedInCode("postgres/migrations/v0021_stale_executions_down.sql"),
                .embedInCode("postgres/migrations/v0022_unfinished_executions.sql"),
                .embedInCode("postgres/migrations/v0022_unfinished_executions_down.sql"),
                .embedInCode("policies/default.yaml"),
                .embedInCode("policies/latest.yaml"),
                .embedInCode("policies/refund_desk.yaml"),
                .embedInCode("policies/policy.v1.json"),
                .embedInCode("samples/event_samples.txt"),
                .embedInCode("demo/workflows"),
                .embedInCode("demo/recordings"),
            ],
            swiftSettings: strict),

        // 4 adapters: port × driver.
        .target(
            name: "PostgresEventStore",
            dependencies: ["EventModel", "EventSourcing", "PostgresDriver", "Schemas", crypto], swiftSettings: strict),
        .target(
            name: "KafkaPublishing",
            dependencies: ["EventModel", "EventSourcing", "ReadModels", "KafkaDriver", deque, logging, lifecycle],
            swiftSettings: strict),

        .target(
            name: "PostgresReadModels",
            dependencies: ["EventModel", "EventSourcing", "PostgresDriver", "ReadModels"], swiftSettings: strict),

        // 4 adapters: a real Parlant server.
        .target(
            name: "ParlantConnector",
            dependencies: [
                "EventModel", "EventSourcing", "JourneyDomain", "Reconciliation", "Connecting", "HTTPDriver",
            ],
            swiftSettings: strict),

        // 4 adapters: a Sim server, by its public REST interface.
        .target(
            name: "SimConnector",
            dependencies: [
                "EventModel", "EventSourcing", "WorkflowDomain", "Reconciliation", "Connecting", "HTTPDriver",
            ],
            swiftSettings: strict),

        // 5 processes: ports only.
        .target(
            name: "Projector",
            dependencies: ["EventModel", "EventSourcing", "ReadModels", metrics, logging, lifecycle],
            swiftSettings: strict),
        .target(
            name: "Ingest",
            dependencies: ["EventModel", "EventSourcing", "WorkflowDomain", "JourneyDomain", logging, lifecycle],
            swiftSettings: strict),
        .target(
            name: "Converting",
            dependencies: ["EventModel", "EventSourcing", "WorkflowDomain", "JourneyDomain", "Conversion"],
            swiftSettings: strict),
        .target(
            name: "Audit", dependencies: ["EventModel", "EventSourcing", logging, lifecycle], swiftSettings: strict),

        .target(
            name: "Reconciler",
            dependencies: [
                "EventModel", "EventSourcing", "WorkflowDomain", "JourneyDomain", "Conversion", "Reconciliation",
                "Connecting", .product(name: "HeapModule", package: "swift-collections"), metrics, logging, lifecycle,
            ],
            swiftSettings: strict),
        .target(name: "Replaying", dependencies: ["EventModel", "EventSourcing"], swiftSettings: strict),

        // 5 processes: how everything does, judged from outside, for whoever asks over HTTP; and what the process counts.
        .target(
            name: "Operations",
            dependencies: [
                "EventModel", "EventSourcing", metrics, httpServer, nioCore, nioPosix, logging, lifecycle,
            ],
            swiftSettings: strict),

        // 6 main: reads configuration, wires, runs; one small file per verb.
        .executableTarget(
            name: "lockstep",
            dependencies: [
                "EventModel", "EventSourcing", "WorkflowDomain", "ReadModels", "PostgresDriver", "KafkaDriver",
                "CLibPQ", "CRDKafka", "Schemas",
                "JourneyDomain", "Conversion", "Reconciliation", "Connecting", "Reconciler", "Converting",
                "PostgresEventStore", "PostgresReadModels", "KafkaPublishing", "HTTPDriver", "ParlantConnector",
                "SimConnector",
                "Projector",
                "Audit", "Ingest", "Replaying", "Operations",
                lifecycle, signals, metrics,
                logging, .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
            ],
            swiftSettings: strict),

        // Aside: models of the world for tests, and the simulator that runs the real processes over them.
        .target(
            name: "EventSourcingTesting", dependencies: ["EventModel", "EventSourcing", "ReadModels"],
            swiftSettings: strict),
        .target(
            name: "Simulation",
            dependencies: [
                "EventModel", "WorkflowDomain", "JourneyDomain", "Conversion", "EventSourcing", "EventSourcingTesting",
                "ReadModels", "Reconciliation", "Connecting", "KafkaPublishing", "Projector", "Ingest", "Converting",
                "Reconciler", logging,
            ],
            swiftSettings: strict),

        // Aside: holds event schemas to those that were released, for tools/schema-check.
        .executableTarget(name: "SchemaChecking", dependencies: ["EventModel"], swiftSettings: strict),

        // Aside: the way into stand-ins for engines, and what goes wrong on it.
        .target(
            name: "StandInDoor", dependencies: ["EventModel", nioCore, nioPosix, nioHTTP1], swiftSettings: strict),

        // Aside: a little Sim for tests and demonstrations, written from the formats alone.
        .executableTarget(
            name: "SimStandIn",
            dependencies: [
                "EventModel", "WorkflowDomain", "StandInDoor", nioCore, nioPosix,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // Aside: a little Parlant with our module, likewise.
        .executableTarget(
            name: "ParlantStandIn",
            dependencies: [
                "EventModel", "JourneyDomain", "StandInDoor", nioCore, nioPosix,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        .testTarget(name: "HouseTests", swiftSettings: strict),
        .testTarget(
            name: "SchemaCheckingTests", dependencies: ["EventModel", "EventSourcingTesting", "SchemaChecking"],
            swiftSettings: strict),
        .testTarget(
            name: "EventModelTests", dependencies: ["EventModel", "EventSourcing", "EventSourcingTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "WorkflowDomainTests", dependencies: ["EventModel", "EventSourcingTesting", "WorkflowDomain"],
            swiftSettings: strict),
        .testTarget(
            name: "JourneyDomainTests", dependencies: ["EventModel", "EventSourcingTesting", "JourneyDomain"],
            swiftSettings: strict),
        .testTarget(
            name: "ConversionTests",
            dependencies: ["EventModel", "EventSourcingTesting", "WorkflowDomain", "JourneyDomain", "Conversion"],
            swiftSettings: strict),
        .testTarget(
            name: "ReconciliationTests",
            dependencies: [
                "EventModel", "EventSourcing", "EventSourcingTesting", "WorkflowDomain", "JourneyDomain",
                "Reconciliation", "ReadModels", "SchemaChecking", "Schemas",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ReadModelsTests",
            dependencies: [
                "EventModel", "WorkflowDomain", "JourneyDomain", "ReadModels", "EventSourcing", "EventSourcingTesting",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "EventSourcingTests",
            dependencies: ["EventModel", "EventSourcing", "EventSourcingTesting", "ReadModels"], swiftSettings: strict),
        .testTarget(name: "PostgresDriverTests", dependencies: ["PostgresDriver", "CLibPQ"], swiftSettings: strict),
        .testTarget(name: "KafkaDriverTests", dependencies: ["KafkaDriver", "CRDKafka"], swiftSettings: strict),
        .testTarget(
            name: "HTTPDriverTests", dependencies: ["HTTPDriver", nioCore, nioPosix, nioHTTP1], swiftSettings: strict),
        .testTarget(name: "LZ4Tests", dependencies: ["EventSourcingTesting", "LZ4"], swiftSettings: strict),
        .testTarget(
            name: "EventStoreContractTests",
            dependencies: [
                "EventModel", "EventSourcing", "EventSourcingTesting", "PostgresDriver", "PostgresEventStore",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PostgresReadModelsTests",
            dependencies: [
                "EventModel", "EventSourcing", "EventSourcingTesting", "ReadModels", "Projector", "PostgresDriver",
                "PostgresEventStore", "PostgresReadModels", "KafkaDriver", "KafkaPublishing", logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "KafkaPublishingTests",
            dependencies: [
                "EventModel", "EventSourcing", "EventSourcingTesting", "ReadModels", "KafkaDriver", "KafkaPublishing",
                logging, lifecycle,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ProjectorTests",
            dependencies: [
                "EventModel", "EventSourcing", "EventSourcingTesting", "ReadModels", "Projector", logging, lifecycle,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "OperationsTests",
            dependencies: [
                "EventModel", "EventSourcing", "EventSourcingTesting", "Operations", metrics, nioCore, nioPosix,
                logging,
                lifecycle,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ReplayingTests",
            dependencies: ["EventModel", "EventSourcing", "EventSourcingTesting", "Replaying"], swiftSettings: strict),
        .testTarget(
            name: "AuditTests",
            dependencies: ["EventModel", "EventSourcing", "EventSourcingTesting", "Audit", logging],
            swiftSettings: strict),
        .testTarget(
            name: "IngestTests",
            dependencies: [
                "EventModel", "EventSourcing", "EventSourcingTesting", "WorkflowDomain", "JourneyDomain", "Ingest",
                logging,
                lifecycle,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ParlantConnectorTests",
            dependencies: [
                "Connecting", "EventModel", "EventSourcing", "JourneyDomain", "HTTPDriver", "ParlantConnector",
                "Reconciliation",
            ],
            exclude: ["Recordings"], swiftSettings: strict),
        .testTarget(
            name: "SimConnectorTests",
            dependencies: [
                "Connecting", "EventModel", "EventSourcing", "EventSourcingTesting", "WorkflowDomain", "HTTPDriver",
                "Reconciliation", "SimConnector", "SimStandIn", "StandInDoor", nioPosix,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SimStandInTests",
            dependencies: [
                "EventModel", "EventSourcingTesting", "WorkflowDomain", "HTTPDriver", "SimStandIn", "StandInDoor",
                nioPosix,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ParlantStandInTests",
            dependencies: [
                "EventModel", "EventSourcing", "JourneyDomain", "HTTPDriver", "ParlantConnector", "Connecting",
                "Reconciliation", "ParlantStandIn", "StandInDoor", nioPosix,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ReconcilerTests",
            dependencies: [
                "EventModel", "EventSourcing", "EventSourcingTesting", "WorkflowDomain", "JourneyDomain", "Conversion",
                "Reconciliation", "Connecting", "Reconciler", "Ingest", "HTTPDriver", "ParlantConnector",
                "ParlantStandIn", "StandInDoor", nioPosix,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ConvertingTests",
            dependencies: [
                "EventModel", "EventSourcing", "EventSourcingTesting", "WorkflowDomain", "JourneyDomain", "Conversion",
                "Converting",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests", dependencies: ["Simulation", "EventSourcing"],
            swiftSettings: strict),
        .testTarget(
            name: "LockstepTests",
            dependencies: [
                "lockstep", "EventModel", "EventSourcing", "EventSourcingTesting", "ReadModels", "WorkflowDomain",
                "JourneyDomain", "Conversion", "Reconciliation", "Converting", "Ingest", "Projector", "Operations",
                "PostgresDriver", "HTTPDriver",
                "KafkaDriver", "KafkaPublishing", "ParlantConnector", "SimConnector", nioCore, nioPosix, nioHTTP1,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "RaceTests", dependencies: ["EventModel", "EventSourcing", "PostgresDriver", "PostgresEventStore"],
            swiftSettings: strict),
        .testTarget(
            name: "KillTests",
            dependencies: [
                "lockstep", "SimStandIn", "EventModel", "EventSourcing", "EventSourcingTesting", "HTTPDriver",
                "PostgresDriver", "KafkaDriver",
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
