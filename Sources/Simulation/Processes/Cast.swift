import Synchronization

/// The processes of a world: who lives, who stands still, who comes back.
final class Cast: Sendable {
    private struct Role {
        let name: String
        let body: @Sendable (SimulatedProcess) async -> Void
        var process: SimulatedProcess?
    }

    private let world: World
    private let roles: Mutex<[Role]>
    private let isOver = Mutex(false)

    init(_ world: World, _ parts: [Part]) {
        self.world = world
        self.roles = Mutex(parts.map { Role(name: $0.name, body: $0.body) })
    }

    var count: Int { roles.withLock { $0.count } }

    /// Starts a role if it is not running.
    func start(_ index: Int) {
        let role = roles.withLock { $0[index] }
        guard role.process == nil, !isOver.withLock({ $0 }) else { return }
        let process = SimulatedProcess(role.name, in: world) { [weak self] in self?.dieAtCall(index) }
        roles.withLock { $0[index].process = process }
        world.note("\(role.name) starts as #\(process.id.index)")
        process.start(role.body)
    }

    func startAll() { for index in 0..<count { start(index) } }

    /// Kills a process; somebody starts it again later.
    func crash(_ index: Int, restartAfter delay: Duration) {
        guard let process = take(index) else { return }
        world.count(.crash)
        world.note("\(process.name) #\(process.id.index) dies")
        process.kill()
        world.scheduler.plan(after: delay) { self.start(index) }
    }

    /// A process dies over what it has just begun to send.
    private func dieAtCall(_ index: Int) {
        world.count(.deathAtCall)
        crash(index, restartAfter: world.roll { $0.duration(1_000...1_500_000) })
    }

    /// Stops a process for a while.
    func pause(_ index: Int, for duration: Duration) {
        guard let process = roles.withLock({ $0[index].process }) else { return }
        world.count(.pause)
        world.note("\(process.name) #\(process.id.index) stands still for \(duration)")
        process.setPaused(true)
        world.scheduler.plan(after: duration) { process.setPaused(false) }
    }

    /// Everybody who lives goes on.
    func resumeAll() {
        for process in roles.withLock({ $0.compactMap(\.process) }) { process.setPaused(false) }
    }

    /// The end: nobody comes back.
    func killAll() {
        isOver.withLock { $0 = true }
        for index in 0..<count { take(index)?.kill() }
    }

    private func take(_ index: Int) -> SimulatedProcess? { roles.withLock { $0[index].process.take() } }
}
