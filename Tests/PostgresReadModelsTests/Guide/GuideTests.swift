import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Logging
import PostgresReadModels
import Projector
import ReadModels
import Testing

/// The guide "Add a projection" is tried: what it says is compiled, and run by the runtime as it is.
@Suite(.timeLimit(.minutes(15))) struct `Guide to adding a projection` {
    private static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(root)/\(path)")), as: UTF8.self)
    }

    /// The first block of the guide in a language.
    private static func block(_ language: String) throws -> String {
        let guide = try text("Sources/ReadModels/ReadModels.docc/AddAProjection.md")
        let opened = try #require(guide.firstRange(of: "```\(language)\n"))
        let closed = try #require(guide[opened.upperBound...].firstRange(of: "```"))
        return String(guide[opened.upperBound..<closed.lowerBound])
    }

    private static let log: @Sendable () async throws -> InMemoryEventStore = {
        let log = InMemoryEventStore()
        let events: [(String, EventDraft)] = [
            ("workflow-a", .draft("workflow.published", data: #"{"revision":3,"label":"spring"}"#)),
            ("workflow-b", .draft("workflow.published", data: #"{"revision":1,"label":null}"#)),
            ("workflow-b", .draft("workflow.unpublished", data: #"{"revision":1}"#)),
            ("workflow-c", .draft("workflow.archived", data: #"{"revision":1}"#)),
            ("workflow-a", .draft("workflow.published", data: #"{"revision":4}"#)),
        ]
        for (stream, draft) in events {
            _ = try await log.append(AppendRequest([draft], to: StreamName(trusting: stream), expecting: .any))
        }
        return log
    }

    /// Runs the projection until it has handled everything.
    private func run(
        _ log: InMemoryEventStore, _ views: some ProjectionStore, _ leases: some LeaseStore & LeaseSharing
    ) async throws -> WaitAnswer {
        let projection = PublicationsProjection()
        let service = ProjectorService(
            projection, log: log, views: views, leases: leases, settings: ProjectorSettings(holder: "one"),
            logger: .silent)
        return try await withThrowingTaskGroup(of: WaitAnswer?.self) { group in
            group.addTask {
                try await service.run()
                return nil
            }
            defer { group.cancelAll() }
            return try await views.wait(
                for: ConsumerProgress.Key(of: projection), through: GlobalPosition(5), atMost: .seconds(600),
                time: SystemTimekeeper())
        }
    }

    @Test func `its code is the code that is compiled here`() throws {
        let file = try Self.text("Tests/PostgresReadModelsTests/Guide/PublicationsProjection.swift")
        #expect(file.hasSuffix("\n\n" + (try Self.block("swift"))))
    }

    @Test func `the projection runs in memory, and no line of the runtime knows it`() async throws {
        let log = try await Self.log()
        let views = InMemoryProjectionStore()
        #expect(try await run(log, views, views) == .reached)
        var naive = NaiveFold(PublicationsProjection())
        try naive.fold(try await log.read(EventQuery(limit: 100)).events)
        #expect(views.rows(of: PublicationsProjection().table) == naive.rows)
        let rows = naive.rows.values.map { Array($0.values.prefix(4)) }
        #expect(rows == [[.text("default"), .text("a"), .int(4), .null]])
    }

    @Test func `a change of it is noticed`() {
        let samples = ["published", "unpublished"].map {
            FoldSample(
                type: EventType(trusting: "workflow.\($0)"), schemaVersion: 1, data: Array(#"{"revision":1}"#.utf8))
        }
        let found = ProjectionFingerprint(of: PublicationsProjection(), samples: samples)
        #expect(found.interest == ["workflow.published@1", "workflow.unpublished@1"])
        #expect(found.folds.count == 2)
    }

    // Needs a real PostgreSQL.
    @Test(.enabled(if: TestDatabase.url != nil, "set LOCKSTEP_DATABASE_URL"))
    func `its migration makes the table and the view that the projection needs`() async throws {
        try await TestDatabase.with { database in
            try await database.execute(try Self.block("sql"))
            let store = PostgresProjectionStore(pool: database.pool)
            #expect(try await run(try await Self.log(), store, database.leases) == .reached)
            let rows = try await database.query(
                "select workflow_id, revision, label is null from lockstep_views.publications")
            #expect(rows.rowCount == 1)
            #expect(try rows.text(0, 0) == "a" && rows.int64(0, 1) == 4 && rows.bool(0, 2))
            let query = try await database.query("\(ViewStatement.query(of: PublicationsProjection().table)) limit 1")
            #expect(query.rowCount == 1)
        }
    }
}
