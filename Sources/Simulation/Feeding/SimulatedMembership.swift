import EventSourcing
import Synchronization

/// One process's part in the group. Who is dead or stands still is silent; who was dropped joins again as somebody new.
final class SimulatedMembership: LaneMembership {
    /// How often the group is asked while it is waited for.
    private static let pause = Duration.milliseconds(100)

    private let process: SimulatedProcess
    private let coordinator: SimulatedCoordinator
    private let member: Mutex<Int>

    init(_ process: SimulatedProcess, _ coordinator: SimulatedCoordinator) {
        self.process = process
        self.coordinator = coordinator
        member = Mutex(coordinator.join())
    }

    private var world: World { process.world }

    func next(atMost patience: Duration) async throws(LaneTopicError) -> LaneDecision? {
        var left = patience
        while process.isAlive {
            switch coordinator.hear(member.withLock { $0 }) {
            case .said(let decision): return decision
            case .unknown:
                let again = coordinator.join()
                member.withLock { $0 = again }
                // The group goes on without it: it has nothing, at once.
                return .given([])
            case .nothing: break
            }
            guard left > .zero else { return nil }
            guard await world.scheduler.sleep(for: min(left, Self.pause), of: process.id) else { break }
            left -= Self.pause
        }
        throw .unavailable(reason: "cancelled")
    }

    func hints(for lanes: [Int]) async throws(LaneTopicError) -> [Int: Int64] {
        try await process.consult(coordinator.broker)
        return coordinator.hints(for: lanes)
    }

    func leave(hints: [Int: Int64]) {
        guard process.isAlive, !hints.isEmpty else { return }
        let number = member.withLock { $0 }
        world.scheduler.plan(after: world.latency()) { [coordinator] in coordinator.keep(hints, of: number) }
    }

    func close() async {
        guard process.isAlive else { return }
        coordinator.leave(member.withLock { $0 })
    }
}
