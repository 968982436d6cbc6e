/// Where the tasks of one simulated process run: every job goes to the scheduler, under the process's name.
final class ProcessExecutor: TaskExecutor {
    private let scheduler: SimulationScheduler
    private let process: SimulationScheduler.ProcessID

    init(_ scheduler: SimulationScheduler, _ process: SimulationScheduler.ProcessID) {
        self.scheduler = scheduler
        self.process = process
    }

    func enqueue(_ job: consuming ExecutorJob) { scheduler.enqueue(UnownedJob(job), of: process) }
}
