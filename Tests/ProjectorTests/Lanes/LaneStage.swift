import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Testing

@testable import Projector

/// A generation in four lanes, whatever feeds it: what is appended, who holds its lanes, and what its rows and checkpoints must be.
struct LaneStage: Sendable {
    static let layout = LaneLayout.byLane(4)
    private static let mixed = ["tally.up", "tally.up", "other.thing", "tally.cleared", "tally.up"]

    let rig = Rig(layout: Self.layout)

    /// Types of events, of which some do not concern the generation.
    static func types(_ count: Int, seed: UInt64) -> [String] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in mixed[random.below(mixed.count)] }
    }

    func append(_ count: Int, seed: UInt64, streams: Int = 9) async throws {
        try await rig.append(Self.types(count, seed: seed), streams: streams)
    }

    /// Who holds a lease of a lane, in order.
    var holders: [String] {
        let share = ProjectorSettings.share(of: rig.projection)
        return Self.layout.lanes.compactMap { rig.views.lease(share.lease(of: Int32($0)))?.holder }.sorted()
    }

    /// Waits until these hold the lanes.
    func expect(_ wanted: String...) async {
        while holders != wanted { await Task.yield() }
    }

    /// Rows and checkpoints are those of the naive fold, lane by lane.
    func check(through end: Int64, _ comment: Comment? = nil) async throws {
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive()), comment)
        let events = try await rig.events()
        for lane in rig.projection.layout.lanes {
            let progress = try #require(try await rig.views.progress(of: .init(of: rig.projection, lane: lane)))
            var digest = CompletenessDigest()
            let own = events.filter { rig.projection.layout.lane(of: $0) == lane }
            for event in own { digest.add(event) }
            #expect(progress.position == GlobalPosition(end) && progress.lastEventID == events.last?.id, comment)
            #expect(progress.eventsHandled == Int64(own.count) && progress.digest == digest, comment)
        }
    }

    /// Lets a process stand still before its first write until its leases are over and another one has them: what it then writes is refused, and
    /// `body` goes on with both.
    func pausing(
        _ stale: @escaping (PausingViews<InMemoryProjectionStore>) -> any RunnableService,
        until fresh: any RunnableService,
        body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let paused = PausingViews(rig.views, paused: true)
        try await running(stale(paused)) {
            await paused.waitForArrival()
            // The other one must look round in the moment in which the leases are over.
            try await running(fresh) {
                while !holders.contains("fresh") {
                    rig.serverTime.advance(by: .seconds(60))
                    await Task.yield()
                }
                paused.resume()
                while paused.answers.isEmpty { await Task.yield() }
                if case .advanced = paused.answers[0] { Issue.record("a stale process has written") }
                try await body()
            }
        }
    }

    /// Runs a process until it has come to a position or its plan has killed it.
    func run(_ service: any RunnableService, until plan: FaultPlan, to position: GlobalPosition) async throws {
        try await running(service) {
            while !plan.isDead, try await rig.views.frontier(of: rig.projection).least != position {
                await Task.yield()
            }
        }
    }
}
