import Synchronization

/// The machine of a running projector, and what others may see of it.
///
/// The machine is used by one task at a time: the one that holds the lease, or the one that waits for it. It lives here because a task
/// that loses its lease cannot hand anything back.
final class ProjectorBoard: Sendable {
    private struct State {
        var machine: ProjectorMachine
        var lastAction = ProjectorMachine.Action.finish
    }

    private let state: Mutex<State>
    private let published = Mutex(ProjectorStatistics())

    private let meters: ProjectorMeters

    init(_ machine: ProjectorMachine, counting meters: ProjectorMeters) {
        self.meters = meters
        state = Mutex(State(machine: machine))
    }

    /// What the machine decided last.
    var lastAction: ProjectorMachine.Action { state.withLock { $0.lastAction } }

    /// A snapshot, without waiting for a fold that is under way.
    var statistics: ProjectorStatistics { published.withLock { $0 } }

    func receive(_ input: ProjectorMachine.Input) -> ProjectorMachine.Action {
        let (action, statistics) = state.withLock { state in
            let action = state.machine.receive(input)
            state.lastAction = action
            return (action, state.machine.statistics)
        }
        published.withLock { published in
            meters.count(from: published, to: statistics)
            published = statistics
        }
        return action
    }
}
