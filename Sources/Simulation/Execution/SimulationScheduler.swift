import EventSourcingTesting
import Synchronization

/// Runs every job of the simulated world on one thread, one at a time, in an order that the seed decides, and owns the time.
///
/// Time stands still while anything can run. When nothing can, it jumps to the next moment at which something was planned.
final class SimulationScheduler: Sendable {
    /// Which simulated process a job belongs to; ``world`` is the database, the broker and the network between them.
    struct ProcessID: Sendable, Hashable {
        static let world = ProcessID(index: 0)
        let index: Int
    }

    private struct ReadyJob {
        let job: UnownedJob
        let process: ProcessID
    }

    private struct Planned {
        let time: Int64
        let order: UInt64
        let process: ProcessID
        let action: @Sendable () -> Void
    }

    private struct Residence {
        var isPaused = false
        /// What would run if the process were not paused.
        var withheld: [UnownedJob] = []
    }

    private struct State {
        var random: SeededGenerator
        var microseconds: Int64 = 0
        var ready: [ReadyJob] = []
        /// Latest first, so that the next one is the last.
        var planned: [Planned] = []
        var residences = [Residence()]
        var current = ProcessID.world
        var sleepers: [UInt64: CheckedContinuation<Bool, Never>] = [:]
        var counter: UInt64 = 0
        var steps = 0
    }

    private let state: Mutex<State>
    let trace = Trace()

    init(seed: UInt64) {
        state = Mutex(State(random: SeededGenerator(seed: seed)))
    }

    /// Virtual time since the world began, in microseconds.
    var microseconds: Int64 { state.withLock { $0.microseconds } }
    /// Jobs and planned actions performed so far.
    var steps: Int { state.withLock { $0.steps } }

    /// A number that was never given before.
    func nextNumber() -> UInt64 {
        state.withLock { state in
            state.counter += 1
            return state.counter
        }
    }

    /// A new process.
    func admitProcess() -> ProcessID {
        state.withLock { state in
            state.residences.append(Residence())
            return ProcessID(index: state.residences.count - 1)
        }
    }

    /// Stops a process between two of its steps, as a full garbage collector, a debugger or a frozen machine would; or lets it go on.
    func setPaused(_ isPaused: Bool, _ process: ProcessID) {
        state.withLock { state in
            state.residences[process.index].isPaused = isPaused
            guard !isPaused else { return }
            let jobs = state.residences[process.index].withheld
            state.residences[process.index].withheld = []
            state.ready += jobs.map { ReadyJob(job: $0, process: process) }
        }
    }

    /// Called by executors: a job can run.
    func enqueue(_ job: UnownedJob, of process: ProcessID?) {
        state.withLock { state in
            let process = process ?? state.current
            if state.residences[process.index].isPaused {
                state.residences[process.index].withheld.append(job)
            } else {
                state.ready.append(ReadyJob(job: job, process: process))
            }
        }
    }

    /// Plans something to be done later, on behalf of a process.
    func plan(
        after delay: Duration, of process: ProcessID = .world, _ action: @escaping @Sendable () -> Void
    ) {
        state.withLock { state in
            state.counter += 1
            let time = state.microseconds + max(0, delay.wholeMicroseconds)
            let planned = Planned(time: time, order: state.counter, process: process, action: action)
            var low = 0
            var high = state.planned.count
            while low < high {
                let middle = (low + high) / 2
                if state.planned[middle].time > time { low = middle + 1 } else { high = middle }
            }
            state.planned.insert(planned, at: low)
        }
    }

    /// Runs until `isDone` or until nothing is left to do or to wait for. Called within ``EscapedTasks/route(to:_:)``, as is
    /// everything else that may wake a task.
    ///
    /// - Returns: `false` when more steps were needed than `stepLimit`.
    func run(stepLimit: Int, until isDone: () -> Bool) -> Bool {
        while !isDone() {
            guard steps < stepLimit else { return false }
            guard performNext() else { return true }
        }
        return true
    }

    private enum Step {
        case job(ReadyJob)
        case action(@Sendable () -> Void)
    }

    private func performNext() -> Bool {
        let step: Step? = state.withLock { state in
            state.steps += 1
            guard state.ready.isEmpty else {
                let index = state.random.below(state.ready.count)
                state.ready.swapAt(index, state.ready.count - 1)
                let ready = state.ready.removeLast()
                state.current = ready.process
                return .job(ready)
            }
            guard let planned = state.planned.popLast() else { return nil }
            state.microseconds = planned.time
            state.current = planned.process
            return .action(planned.action)
        }
        switch step {
        case .job(let ready):
            trace.add(.job, ready.process.index, microseconds)
            ready.job.runSynchronously(on: ProcessExecutor(self, ready.process).asUnownedTaskExecutor())
        case .action(let action): action()
        case nil: return false
        }
        return true
    }
}

extension SimulationScheduler {
    /// Sleeps in virtual time.
    ///
    /// - Returns: `false` when the task was cancelled.
    func sleep(for duration: Duration, of process: ProcessID) async -> Bool {
        let ticket = nextNumber()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { sleeper in
                guard !Task.isCancelled else { return sleeper.resume(returning: false) }
                state.withLock { $0.sleepers[ticket] = sleeper }
                plan(after: duration, of: process) { self.wake(ticket, slept: true) }
            }
        } onCancel: {
            wake(ticket, slept: false)
        }
    }

    private func wake(_ ticket: UInt64, slept: Bool) {
        let sleeper = state.withLock { $0.sleepers.removeValue(forKey: ticket) }
        sleeper?.resume(returning: slept)
    }
}

extension Duration {
    /// Whole microseconds, rounded towards zero.
    var wholeMicroseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
