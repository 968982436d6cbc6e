import EventModel
import EventSourcing
import EventSourcingTesting
import PostgresReadModels
import Projector
import ReadModels
import Testing

/// Needs a real PostgreSQL and a broker: who gets which lane, and when, is the broker's to say, and what may be written then is the database's.
@Suite(
    .enabled(if: TestDatabase.url != nil && TopicStage.brokers != nil, "set LOCKSTEP_DATABASE_URL and LOCKSTEP_KAFKA"),
    .serialized, .timeLimit(.minutes(15)))
struct `Generations fed from the topic` {
    @Test func `row by row they equal the naive fold, by two services in a group, and the log can take over`()
        async throws
    {
        try await TestDatabase.with { database in
            let stage = TopicStage(database)
            var random = SeededGenerator(seed: 5)
            let projections = try await LaneCheck.layOut([TallyProjection()] + ProjectionCatalogue.all, database)
            #expect(projections.count > ProjectionCatalogue.all.count)
            try await stage.publishing {
                try await RandomHistory.append(150, to: stage.log, &random)
                try await stage.run(projections, ["one", "two"]) { try await stage.reach(projections, 90) }
                try await RandomHistory.append(70, to: stage.log, &random)
                try await stage.run(projections, ["three"], source: .log) { try await stage.reach(projections, 180) }
                try await RandomHistory.append(80, to: stage.log, &random)
                try await stage.run(projections, ["four", "five"]) { try await stage.reach(projections, 300) }
            }
            for projection in projections {
                try await LaneCheck.expectNaive(projection, stage.log, database, "\(projection.name)")
            }
        }
    }

    @Test func `while events come a member joins and another one goes, and every certificate is complete`() async throws
    {
        try await TestDatabase.with { database in
            let stage = TopicStage(database)
            let projections = try await LaneCheck.layOut([TimelineProjection()], database)
            try await stage.publishing {
                try await stage.run(projections, ["second"]) {
                    try await stage.run(projections, ["first"]) {
                        var random = SeededGenerator(seed: 6)
                        // Both have lanes while events come.
                        while try await stage.holders() != ["first", "second"] {
                            try await RandomHistory.append(9, to: stage.log, &random)
                            try await stage.reachEnd(projections)
                        }
                        try await RandomHistory.append(30, to: stage.log, &random)
                    }
                    var random = SeededGenerator(seed: 7)
                    while try await stage.holders() != ["second"] {
                        try await RandomHistory.append(9, to: stage.log, &random)
                        try await stage.reachEnd(projections)
                    }
                    try await RandomHistory.append(30, to: stage.log, &random)
                    try await stage.reachEnd(projections)
                }
            }
            for projection in projections {
                try await LaneCheck.expectNaive(projection, stage.log, database, "\(projection.name)")
            }
        }
    }

    @Test func `a member whose lanes another one has taken changes nothing`() async throws {
        try await TestDatabase.with { database in
            let stage = TopicStage(database)
            let projections = try await LaneCheck.layOut([TimelineProjection()], database)
            var random = SeededGenerator(seed: 8)
            try await RandomHistory.append(60, to: stage.log, &random)
            try await stage.publishing {
                let gate = WriteGate(PostgresProjectionStore(pool: database.pool))
                try await stage.run(projections, ["stale"], views: gate) {
                    await gate.untilHeldBack()
                    // As after a pause beyond the leases: they are over, and somebody else has them.
                    let taken = try await stage.takeAll(projections, as: "fresh")
                    gate.open()
                    let answer = await gate.firstAnswer()
                    if case .advanced = answer { Issue.record("a stale process has written") }
                    let stored = try await stage.progress(of: projections)
                    #expect(stored.allSatisfy { $0.position == .start && $0.eventsHandled == 0 })
                    try await stage.release(taken)
                    try await stage.reach(projections, 60)
                }
            }
            for projection in projections {
                try await LaneCheck.expectNaive(projection, stage.log, database, "\(projection.name)")
            }
        }
    }
}
