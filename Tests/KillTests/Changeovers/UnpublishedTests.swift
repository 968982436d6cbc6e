import Foundation
import PostgresDriver
import Testing

extension KillTests {
    /// Projectors that read the topic stand still while nobody publishes; what readers see can be changed all the same, from the log, and nothing is
    /// lost or told twice when the publisher is there again.
    @Test(.timeLimit(.minutes(KillSettings.minutes)))
    func `readers are changed over while nothing is published, and all is exact when it is again`() async throws {
        try await ChangeoverStage.with(seed: KillSettings.seed, reading: .topic) { stage in
            var changeover = Changeover(stage: stage)
            try await changeover.warmUp()
            try await changeover.changeOverUnpublished("timeline")
            try await changeover.expectFoldedAnew()
        }
    }
}

extension Changeover {
    /// More than a report tells row by row: each is a row of the timeline.
    private static let unpublished = 1_200

    func changeOverUnpublished(_ projection: String) async throws {
        try await stage.settled()
        for publisher in stage.publishers { publisher.goAway() }
        let published = try await stage.observer.number("select position from lockstep.log_head")
        let before = stage.writer.acknowledged
        stage.writer.feed(true)
        try await Patience.until("events are appended and not published", within: .seconds(240)) {
            stage.writer.acknowledged >= before + Self.unpublished
        }
        stage.writer.feed(false)
        try await Patience.until("every append is answered") { stage.writer.isIdle }
        let head = try await stage.observer.number("select position from lockstep.log_head")

        try await expectPositions(of: projection, published, "what is not published is not seen")
        try await run(["projections", "rebuild", projection, "--activate", "--layout", "by-lane", "--json"])
        try await expectPositions(of: projection, head, "the new generation was filled from the log")
        try await run(["projections", "rollback", projection, "--json"])
        try await expectPositions(of: projection, head, "readers do not go back in time")
        try await run(["projections", "rollback", projection, "--json"])
        try await checkUnpublished(head)

        for publisher in stage.publishers { publisher.comeBack() }
        stage.writer.feed(true)
        let again = stage.writer.acknowledged
        try await Patience.until("events come again") { stage.writer.acknowledged >= again + 100 }
        try await stage.settled()
        try await checkRows(projection)
    }

    /// Does it at the first attempt: nothing is in the way.
    private func run(_ arguments: [String]) async throws {
        let outcome = try await ChangeoverAttempt(arguments, environment: stage.environment).outcome()
        guard outcome.status == 0 else { throw Flawed(flaws: ["\(arguments.joined(separator: " ")): \(outcome)"]) }
    }

    /// Where readers are, in all lanes.
    private func expectPositions(of projection: String, _ position: Int64, _ why: Comment) async throws {
        let found = try await stage.observer.texts(
            """
            select distinct position::text from lockstep.consumer_progress where consumer = '\(projection)' and kind = 'projector'
            """)
        #expect(found == ["\(position)"], why)
    }

    /// The timeline shows everything, and its certificate says so, although the topic does not hold it.
    private func checkUnpublished(_ head: Int64) async throws {
        #expect(try await stage.observer.number("select count(*) from lockstep_views.timeline") == head)
        let verified = try await ChangeoverAttempt(
            ["projections", "verify", "--completeness", "--json"], environment: stage.environment
        ).outcome()
        try await Flawed.check(
            stage.observer.with { try await GenerationCheck.flaws($0) }
                + (verified.status == 0 ? [] : ["certificates: \(verified)"]))
    }
}
