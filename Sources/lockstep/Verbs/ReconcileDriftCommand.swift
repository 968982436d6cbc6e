import ArgumentParser
import EventModel
import Reconciliation

/// `lockstep reconcile drift`.
struct ReconcileDriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift", abstract: "Say how far apart the sides are now, by workspace.",
        discussion: """
            Counted are executions of which something differs that nobody has accepted, and such fields: those of which a side can still move, and those that are \
            over and in which a conflict waits or an effect is under way. What only waits for somebody whom to tell, a run without a conversation, \
            or for the run to come to where the conversation is, is not counted. For how long they have been apart is \
            what the looks of serving reconcilers and of jobs have noted: the one that has been for longest, and all of them together. What differs in stale \
            executions, in which nothing has moved for long, is not counted. Status 1 when anything differs. What the looks \
            have noted is also in the metrics of `lockstep serve`.

            Examples:
              lockstep reconcile drift --json
            """)

    @OptionGroup var options: ReconcilingOptions

    /// How one workspace stands.
    private struct Standing: Sendable {
        var executions = 0
        var stale = 0
        var differing = 0
        var fields = 0
        var queued = 0
        /// As it was noted.
        var oldest = Duration.zero
        var total = Duration.zero

        mutating func add(differing fields: Int, queued: Int, isStale: Bool) {
            executions += 1
            self.queued += queued
            guard !isStale else { return stale += 1 }
            differing += fields > 0 ? 1 : 0
            self.fields += fields
        }
    }

    func run() async throws {
        let tenant = options.workspace == nil ? nil : try options.tenant()
        let drifts = try await options.room { room in
            var drifts: [Workspace: Standing] = [:]
            try await room.forEachStanding(in: tenant) { standing in
                let workspace = standing.key.workspace
                if let note = standing.note {
                    drifts[workspace, default: Standing()].add(
                        differing: note.counts.differing, queued: note.counts.queued, isStale: note.movement.isStale)
                } else {
                    let report = try await room.desk.preview(standing.key)
                    drifts[workspace, default: Standing()].add(
                        differing: report.note.counts.differing, queued: report.note.counts.queued,
                        isStale: report.note.movement.isStale)
                }
            }
            for drift in try await room.views.drift() {
                drifts[drift.workspace]?.oldest = drift.oldest
                drifts[drift.workspace]?.total = drift.total
            }
            return drifts
        }
        let ordered = drifts.sorted { $0.key.rawValue < $1.key.rawValue }
        if options.answer.json {
            for (workspace, drift) in ordered {
                Answers.object { answer in
                    answer.member("workspace", workspace.rawValue)
                    answer.member("executions", drift.executions)
                    answer.member("stale", drift.stale)
                    answer.member("differing", drift.differing)
                    answer.member("fields", drift.fields)
                    answer.member("queued", drift.queued)
                    answer.member("oldest_seconds", seconds: drift.oldest / .seconds(1))
                    answer.member("seconds", seconds: drift.total / .seconds(1))
                }
            }
        } else if ordered.isEmpty {
            StandardOutput.shared.write("No execution is open.")
        } else {
            var table = Table([
                ("WORKSPACE", .left), ("OPEN", .right), ("STALE", .right), ("DIFFERING", .right), ("FIELDS", .right),
                ("WAIT FOR A PERSON", .right), ("OLDEST", .right), ("TOGETHER", .right),
            ])
            for (workspace, drift) in ordered {
                table.add([
                    workspace.rawValue, "\(drift.executions)", "\(drift.stale)", "\(drift.differing)",
                    "\(drift.fields)",
                    "\(drift.queued)", Self.seconds(drift.oldest), Self.seconds(drift.total),
                ])
            }
            table.print()
        }
        guard drifts.values.allSatisfy({ $0.differing == 0 }) else { throw AnsweredNo() }
    }

    private static func seconds(_ duration: Duration) -> String { "\(Int((duration / .seconds(1)).rounded())) s" }
}
