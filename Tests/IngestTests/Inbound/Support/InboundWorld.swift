import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Logging
import ServiceLifecycle

@testable import Ingest

/// A log, a ledger, a topic and leases in memory, and consumers that share them.
struct InboundWorld {
    typealias Consumer = InboundConsumer<FakeTopic, InMemoryInboundLedger, InMemorySharing>

    let log = InMemoryEventStore()
    let ledger = InMemoryInboundLedger()
    let sharing = InMemorySharing()
    let topic: FakeTopic
    let sealing: RejectionSealing

    init(partitions: Int = 1) throws {
        topic = FakeTopic(partitions: partitions)
        let masterKeys = try MasterKeys(spellings: ["test:\(String(repeating: "A", count: 43))="])
        sealing = RejectionSealing(SubjectKeyring(InMemorySubjectKeys(), masterKeys: masterKeys))
    }

    static var silence: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    func desks() -> InboundDesks<InMemoryInboundLedger> {
        InboundDesks { [log, ledger] in InboundDesk(of: NotebookSide(), into: log, workspace: $0, remembering: ledger) }
    }

    func consumer(_ holder: String = "a", for workspaces: InboundWorkspaces = .any) -> Consumer {
        let quick = LeaseTiming(
            duration: .seconds(60), renewInterval: .milliseconds(5), retryInterval: .milliseconds(2))
        return InboundConsumer(
            of: topic, at: desks(), for: workspaces, ledger: ledger, sealing: sealing, leases: sharing, holder: holder,
            timing: quick, backoff: Backoff(base: .milliseconds(1), cap: .milliseconds(2)), logger: Self.silence)
    }

    /// Runs consumers until the bookmarks are at these offsets together, then shuts them down.
    func run(_ consumers: [Consumer], until offset: Int64) async throws {
        try await run(consumers) { ledger.bookmarks.values.reduce(0) { $0 + $1.next } >= offset }
    }

    func run(_ consumers: [Consumer], until isDone: () -> Bool) async throws {
        let group = ServiceGroup(services: consumers, logger: Self.silence)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            while !isDone() { await Task.yield() }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    func words(_ notebook: String = "n1", in workspace: Workspace = .default) async throws -> [String] {
        let query = StreamQuery(workspace: workspace, try StreamName("notebook-\(notebook)"))
        return try await log.read(query).events.map { try NotebookEvent($0).word }
    }

    func content(_ kept: KeptRejection) async throws -> String? {
        guard case .record(let record) = try await sealing.open(kept.message) else { return nil }
        return record.value.map { String(decoding: $0, as: UTF8.self) }
    }
}
