import ArgumentParser
import EventSourcing

/// `lockstep reconcile jobs`.
struct ReconcileJobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "List the jobs of `lockstep reconcile run`, or call one off.",
        discussion: """
            Listed are those that have not ended, the oldest first; with --all all of them, the newest first, up to 30 days behind their end. Of a job \
            that is called off, what it has decided stays.

            Examples:
              lockstep reconcile jobs
              lockstep reconcile jobs --all --json
              lockstep reconcile jobs --cancel 0198c2f0-1a2b-7c3d-9e4f-5a6b7c8d9e01
            """)

    /// Jobs that are listed.
    private static let limit = 1_000

    @OptionGroup var options: ReconcilingOptions
    @Flag(name: .long, help: "Also those that have ended.")
    var all = false
    @Option(name: .long, help: ArgumentHelp("Call this job off.", valueName: "job"))
    var cancel: String?

    func validate() throws {
        guard cancel == nil || !all else { throw ValidationError("--all and --cancel exclude each other.") }
    }

    func run() async throws {
        let tenant = options.workspace == nil ? nil : try options.tenant()
        let id = try cancel.map { text throws(Failure) in
            try ReconcilingOptions.id(text, of: "job", toldBy: "jobs --all")
        }
        let jobs = try await options.room { room in
            guard let id else {
                return try await room.views.jobs(unfinished: !all, in: tenant, limit: Self.limit)
            }
            let known = try await room.job(id)
            let job = try await room.views.cancel(id) ?? known
            guard job.state == .cancelled else {
                throw Failure(
                    .no, "job \(id.text) is \(job.state.rawValue) already",
                    hint: "see `lockstep reconcile run --resume \(id.text)`")
            }
            return [job]
        }
        if options.answer.json {
            for job in jobs { job.line() }
        } else {
            ReconcilingJob.show(jobs, areAll: all)
        }
    }
}
