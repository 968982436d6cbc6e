import ArgumentParser
import EventModel
import Reconciliation

/// `lockstep reconcile drift`.
struct ReconcileDriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift", abstract: "Say how far apart the sides are now, by workspace.",
        discussion: """
            Counted are executions of which something differs that nobody has accepted, and such fields. Status 1 when there are any.

            Examples:
              lockstep reconcile drift --json
            """)

    @OptionGroup var options: ReconcilingOptions

    private struct Drift: Sendable {
        var executions = 0
        var differing = 0
        var fields = 0
        var queued = 0
    }

    func run() async throws {
        let tenant = options.workspace == nil ? nil : try options.tenant()
        let drifts = try await options.room { room in
            var drifts: [Workspace: Drift] = [:]
            try await room.forEachOpen(in: tenant) { key in
                let report = try await room.desk.preview(key)
                let fields = report.examined.differences.count
                drifts[key.workspace, default: Drift()].executions += 1
                drifts[key.workspace]?.differing += fields > 0 ? 1 : 0
                drifts[key.workspace]?.fields += fields
                drifts[key.workspace]?.queued += report.ledger.queue.count
            }
            return drifts
        }
        let ordered = drifts.sorted { $0.key.rawValue < $1.key.rawValue }
        if options.answer.json {
            for (workspace, drift) in ordered {
                Answers.object { answer in
                    answer.member("workspace", workspace.rawValue)
                    answer.member("executions", drift.executions)
                    answer.member("differing", drift.differing)
                    answer.member("fields", drift.fields)
                    answer.member("queued", drift.queued)
                }
            }
        } else if ordered.isEmpty {
            StandardOutput.shared.write("No execution is open.")
        } else {
            var table = Table([
                ("WORKSPACE", .left), ("OPEN", .right), ("DIFFERING", .right), ("FIELDS", .right),
                ("WAIT FOR A PERSON", .right),
            ])
            for (workspace, drift) in ordered {
                table.add([
                    workspace.rawValue, "\(drift.executions)", "\(drift.differing)", "\(drift.fields)",
                    "\(drift.queued)",
                ])
            }
            table.print()
        }
        guard drifts.values.allSatisfy({ $0.differing == 0 }) else { throw AnsweredNo() }
    }
}
