import EventModel
import EventSourcing
import EventSourcingTesting
import Reconciliation
import Testing

@testable import Reconciler

/// Putting on record that nothing moves, while somebody else writes.
@Suite struct StaleDeskTests {
    private let key = ExecutionKey(workspace: .default, execution: "run-1")
    /// Long behind everything that is recorded.
    private let time = ManualTimekeeper(now: Timestamp(microseconds: 4_000_000_000_000_000))

    /// Something is recorded on the workflow's side.
    private func touch(_ category: String = "workflow_execution") -> AppendRequest {
        AppendRequest(
            [.draft("note.written", data: "{}")], to: StreamName(trusting: "\(category)-run-1"), expecting: .any)
    }

    private func desk(_ log: TroubledLog) throws -> ReconcilingDesk<TroubledLog> {
        let book = try PolicyBook([], fallback: Policy(name: "test", version: 1, rules: TwoEngines.safe))
        return ReconcilingDesk(
            log, shelf: PolicyShelf(book, telling: .engines), time: time, random: SeededRandom(seed: 1))
    }

    @Test func `when a side moves meanwhile nothing is recorded about how it was, and it is decided anew`() async throws
    {
        let log = TroubledLog()
        _ = try await log.base.append(touch())
        log.expect([.overtaken([touch()])])
        let turning = Task { [time] in
            while !Task.isCancelled {
                time.advanceToNextSleeper()
                await Task.yield()
            }
        }
        defer { turning.cancel() }
        let report = try await desk(log).examine(key, leavingAloneAfter: .seconds(60))
        guard case .wentStale(let stale) = try #require(report.events.first) else {
            Issue.record("\(report.events)")
            return
        }
        #expect(report.events.count == 1 && log.asked.count == 2)
        #expect(stale.workflow == StreamVersion(2) && stale.journey == nil && stale.patience == 60)
        #expect(
            report.note.movement == .stale(since: stale.since) && report.note.ends.workflow?.version == StreamVersion(2)
        )
    }

    @Test func `it is recorded once, however often it is asked, and every look sees it`() async throws {
        let log = TroubledLog()
        _ = try await log.base.append(touch())
        let desk = try desk(log)
        let patient = try await desk.examine(key, leavingAloneAfter: .seconds(3_650 * 86_400))
        #expect(patient.events.count == 1, "a silence of 50 years is longer than ten")
        let again = try await desk.examine(key, leavingAloneAfter: .seconds(60))
        #expect(again.events.isEmpty && again.positions == nil && again.note.movement == patient.note.movement)
        #expect(try await desk.examine(key).note.movement.isStale, "any look sees it")
        #expect(try await desk.preview(key).note.movement.isStale)
    }

    @Test(arguments: [["workflow_execution", "journey_session"], ["journey_session", "workflow_execution"]])
    func `silence is counted from when the side that moved last did`(_ categories: [String]) async throws {
        let log = TroubledLog()
        for category in categories { _ = try await log.base.append(touch(category)) }
        let last = try #require(try await log.base.read(EventQuery(after: .start, limit: 10)).events.last)
        let report = try await desk(log).examine(key, leavingAloneAfter: .seconds(60))
        guard case .wentStale(let stale) = try #require(report.events.first) else {
            Issue.record("\(report.events)")
            return
        }
        #expect(stale.since == last.recordedAt && last.stream.category.rawValue == categories[1])
        #expect(stale.workflow == StreamVersion(1) && stale.journey == StreamVersion(1))
    }

    @Test func `an execution of which nothing was recorded is not stale`() async throws {
        let report = try await desk(TroubledLog()).examine(key, leavingAloneAfter: .microseconds(1))
        #expect(report.events.isEmpty && report.note.movement == ComparisonNote.Movement.none)
    }
}
