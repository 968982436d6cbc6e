import EventModel
import EventSourcing
import EventSourcingTesting
import PostgresDriver
import Testing

@testable import PostgresReadModels

/// The rows that notes of looks are kept in, and those of the executions that they are about.
@Suite(.enabled(if: TestDatabase.url != nil)) struct `Rows of notes` {
    /// What is listed, each with a limit of one row, behind which more would have to be asked for.
    private static func lists(_ store: PostgresProjectionStore) -> [(String, () async throws -> Int)] {
        let all = ExecutionSelection()
        return [
            ("open", { try await store.open(after: nil, limit: 1).count }),
            ("moved", { try await store.moved(after: nil, limit: 1).count }),
            ("apart", { try await store.apart(after: nil, limit: 1).count }),
            ("quiet", { try await store.quiet(since: .latest, after: nil, limit: 1).count }),
            ("standings", { try await store.standings(of: all, after: nil, limit: 1).count }),
            ("others", { try await store.executions(of: all, besides: [], after: nil, limit: 1).count }),
            ("rest", { try await store.rest(of: all).count }), ("drift", { try await store.drift().count }),
        ]
    }

    @Test(
        arguments: [
            ("", "the workspace is empty"), ("a b", "the workspace \"a b\" has an illegal character at byte 1"),
            (String(repeating: "a", count: 65), "the workspace has 65 bytes, the limit is 64"),
        ])
    func
        `a row of a workspace that is none of ours fails every list that meets it, by its name, instead of ending it early`(
            _ workspace: String, _ flaw: String
        ) async throws
    {
        try await TestDatabase.with { database in
            // Behind what is quiet, open and apart, in the order of each list, there is more.
            for name in [workspace, "default"] {
                try await database.execute(
                    """
                    insert into lockstep_read.sync_state_v1 (workspace, execution_id, workflow_seen, journey_seen, workflow_over, journey_over,
                        moved_last, session_bound, first_position, last_position, updated_at)
                    select '\(name)', run, true, true, false, false, 'workflow', true, 1, 5, now() from unnest(array['new', 'rest', 'seen']) run;
                    insert into lockstep.comparisons (workspace, execution_id, lane, workflow_version, workflow_position, journey_version,
                        journey_position, ledger_version, ledger_position, policy, differing, queued, pending, looked_at, quiet_since, apart_since)
                    select '\(name)', run, 0, 1, 5, 1, 5, 0, 0, sha256('p'), differing, 0, 0, now(), to_timestamp(1),
                        case when differing > 0 then now() end
                    from (values ('rest', 0), ('seen', 1)) n (run, differing);
                    """)
            }
            for (list, count) in Self.lists(PostgresProjectionStore(pool: database.pool)) {
                let error = await #expect(throws: StoreError.self, "\(list)") { _ = try await count() }
                guard case .failed(let reason) = error else {
                    Issue.record("\(list): \(String(describing: error))")
                    continue
                }
                #expect(reason.hasPrefix(flaw) && reason.contains("delete the row"), "\(list): \(reason)")
            }
        }
    }

    @Test func `what is quiet is read from its index: as much as is listed, however much there is`() async throws {
        try await TestDatabase.with { database in
            try await database.execute(
                """
                insert into lockstep.comparisons (workspace, execution_id, lane, workflow_version, workflow_position, journey_version,
                    journey_position, ledger_version, ledger_position, policy, differing, queued, pending, looked_at, quiet_since, stale_since)
                select 'default', 'run-' || n, 0, 1, 1, 1, 1, 0, 0, sha256('p'), 0, 0, 0, now(),
                    case when n % 2 = 0 then to_timestamp(n) end, case when n % 2 = 1 then to_timestamp(1) end
                from generate_series(1, 20000) n;
                analyze lockstep.comparisons;
                """)
            let statement = NoteRow.quiet.sql.replacing("$1", with: "to_timestamp(20)").replacing(
                "$2", with: "'-infinity'"
            ).replacing("$3", with: "''").replacing("$4", with: "''").replacing("$5", with: "1000")
            let plan = try await database.query("explain (analyze, costs off, timing off) \(statement)")
            let lines = try (0..<plan.rowCount).map { try plan.text($0, 0) }
            #expect(lines.contains { $0.contains("comparisons_quiet") && $0.contains("rows=10 ") }, "\(lines)")
            #expect(!lines.contains { $0.contains("Sort") || $0.contains("Rows Removed") }, "\(lines)")
        }
    }

    @Test
    func
        `what is apart, and what is under way, is read from indexes alone: as much as is listed, however much there is`()
        async throws
    {
        try await TestDatabase.with { database in
            try await database.execute(
                """
                insert into lockstep.comparisons (workspace, execution_id, lane, workflow_version, workflow_position, journey_version,
                    journey_position, ledger_version, ledger_position, policy, differing, queued, pending, looked_at, apart_since)
                select 'default', 'run-' || n, 0, 1, 1, 1, 1, 0, 0, sha256('p'), (n % 500 = 0)::int, (n % 1000 = 0)::int, (n % 2000 = 7)::int,
                    now(), case when n % 500 = 0 then now() end
                from generate_series(1, 20000) n;
                """)
            try await database.execute("vacuum (analyze) lockstep.comparisons")
            for (statement, index, count) in [
                (NoteRow.apart, "comparisons_apart_now", 20), (NoteRow.moved, "comparisons_unfinished", 10),
                (NoteRow.openOnes, "comparisons_unfinished", 30),
            ] {
                let sql = statement.sql.replacing("$1::text", with: "''").replacing("$2::text", with: "''").replacing(
                    "$3::bigint", with: "1000")
                let plan = try await database.query("explain (analyze, costs off, timing off) \(sql)")
                let lines = try (0..<plan.rowCount).map { try plan.text($0, 0) }
                #expect(lines.contains { $0.contains("Index Only Scan using \(index)") }, "\(lines)")
                #expect(!lines.contains { $0.contains("Seq Scan on comparisons") }, "\(lines)")
                let answer = try await database.query("select count(*) from (\(sql)) listed")
                #expect(try answer.int64(0, 0) == Int64(count))
            }
        }
    }
}
