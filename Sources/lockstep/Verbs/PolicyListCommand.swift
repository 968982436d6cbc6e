import ArgumentParser
import EventModel
import PostgresDriver

/// `lockstep policy list`.
struct PolicyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the policies that are on record, version by version.",
        discussion: """
            Read from the read model policies; with --wait-for it first waits until that shows everything up to a position. With --json, the text of \
            each file is told as well.

            Examples:
              lockstep policy list
              lockstep policy list house --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Argument(help: "Only the versions of this policy.")
    var name: String?
    @OptionGroup(title: "Waiting") var waiting: WaitOptions

    func run() async throws {
        let settings = try await database.settings()
        let unmet = try await waiting.wait(settings, for: ["policies"])
        let policies = try await OpenLog.connection(settings) { [name] in try await RecordedPolicy.all(name, on: $0) }
        if answer.json { policies.forEach { $0.line() } } else { RecordedPolicy.show(policies) }
        try StandardOutput.shared.flushOrStop()
        if let unmet { throw unmet }
    }
}

/// A version of a policy, as the read model shows it.
private struct RecordedPolicy: Sendable {
    let name: String
    let version: Int64
    let digest: String
    let workspace: String?
    let workflow: String?
    let text: String
    let isCurrent: Bool
    let actor: String?
    let at: Timestamp
    let position: Int64

    private static let statement = PostgresStatement(
        """
        select name, version, digest, for_workspace, for_workflow, text, is_current, published_by, published_at, first_position
        from lockstep_views.policies where $1::text is null or name = $1 order by name, version
        """)

    static func all(_ name: String?, on connection: PostgresConnection) async throws -> [RecordedPolicy] {
        var parameters = PostgresParameters()
        if let name { parameters.append(name) } else { parameters.appendNull(oid: PostgresType.text.oid) }
        let rows = try await connection.query(statement, parameters)
        return try (0..<rows.rowCount).map { row throws(PostgresError) in
            func optional(_ column: Int) throws(PostgresError) -> String? {
                rows.isNull(row, column) ? nil : try rows.text(row, column)
            }
            return RecordedPolicy(
                name: try rows.text(row, 0), version: try rows.int64(row, 1), digest: try rows.text(row, 2),
                workspace: try optional(3), workflow: try optional(4), text: try rows.text(row, 5),
                isCurrent: try rows.bool(row, 6), actor: try optional(7),
                at: Timestamp(microseconds: try rows.timestampMicroseconds(row, 8)),
                position: try rows.int64(row, 9))
        }
    }

    func line() {
        Answers.object { answer in
            answer.member("policy", name)
            answer.member("version", version)
            answer.member("current", isCurrent)
            answer.member("digest", digest)
            answer.member("workspace", workspace)
            answer.member("workflow", workflow)
            answer.member("actor", actor)
            answer.member("at", "\(at)")
            answer.member("position", position)
            answer.member("text", text)
        }
    }

    static func show(_ policies: [RecordedPolicy]) {
        guard !policies.isEmpty else {
            StandardOutput.shared.write(
                "No policy is on record. `lockstep policy publish FILE` puts one there; what is not projected yet is waited for with --wait-for."
            )
            return
        }
        let style = Style.output
        var table = Table([
            ("POLICY", .left), ("VERSION", .right), ("STATE", .left), ("WORKSPACE", .left), ("WORKFLOW", .left),
            ("PUBLISHED", .left), ("BY", .left), ("DIGEST", .left),
        ])
        for policy in policies {
            table.add([
                .init(text: policy.name), .init(text: "\(policy.version)"),
                .init(
                    text: policy.isCurrent ? "current" : "superseded",
                    paint: policy.isCurrent ? style.good : style.faint),
                .init(text: policy.workspace ?? "any"), .init(text: policy.workflow ?? "any"),
                .init(text: "\(policy.at)"), .init(text: policy.actor ?? "-"),
                .init(text: String(policy.digest.prefix(12))),
            ])
        }
        table.print()
    }
}
