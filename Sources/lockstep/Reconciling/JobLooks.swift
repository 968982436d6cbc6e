import EventModel
import EventSourcing
import Reconciler
import Reconciliation

/// Looks at the executions of jobs, each job's in the name of whoever asked for it, and says the same as the verb that looks itself.
struct JobLooks: JobDesk {
    private let desk: ReconcilingDesk<SealedLog>

    init(_ desk: ReconcilingDesk<SealedLog>) { self.desk = desk }

    func look(at key: ExecutionKey, for job: ReconcilingJob) async throws(DeskFault) -> JobLook {
        let report = try await desk.examine(key, actor: job.requestedBy)
        let answer = ExecutionAnswer(report: report, isDryRun: false)
        return JobLook(
            answer.standing, resolutions: answer.resolutions.count, effects: answer.effects.count,
            line: answer.isNews ? StoredLine(json: answer.json, lines: answer.lines).bytes : nil, note: report.note)
    }

    /// Without the fault's own words where they may quote what an event holds: nobody would erase that here.
    func line(about fault: DeskFault, at key: ExecutionKey) -> [UInt8] {
        let failure =
            if case .unreadable = fault {
                Failure(
                    .internal, "a stream of it cannot be read",
                    hint: "see why with `lockstep reconcile run --dry-run --execution \(key.execution)`")
            } else { Failure(fault) }
        let json = Answers.line { answer in
            answer.member("workspace", key.workspace.rawValue)
            answer.member("execution", key.execution)
            answer.member("error", failure.error)
            answer.member("hint", failure.hint)
        }
        let line =
            PaintedLine() + (Table.printable(key.execution), .strong) + "  "
            + ("could not be looked at: \(Table.printable(failure.error))", .bad)
        return StoredLine(json: json, lines: [line]).bytes
    }
}

/// What there is to say of an execution, for programs and for people, as a job keeps it.
struct StoredLine: Sendable {
    /// One JSON object.
    let json: [UInt8]
    let lines: [PaintedLine]

    init(json: [UInt8], lines: [PaintedLine]) {
        self.json = json
        self.lines = lines
    }

    var bytes: [UInt8] {
        Answers.line { line in
            line.key("answer")
            line.raw(json)
            line.key("text")
            line.array { list in for text in lines { text.write(to: &list) } }
        }
    }

    /// - Returns: `nil` for what was not written by ``bytes``.
    init?(_ bytes: [UInt8]) {
        guard let line = try? JSONValue(bytes, limits: .file), let answer = line["answer"], answer.object != nil else {
            return nil
        }
        var writer = JSONWriter()
        writer.value(answer)
        json = writer.bytes
        lines = (line["text"]?.array ?? []).map(PaintedLine.init)
    }

    func show(asJSON: Bool) {
        guard !asJSON else { return StandardOutput.shared.write(json) }
        for line in lines { StandardOutput.shared.write(line.text(.output)) }
    }
}
