import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver
import PostgresEventStore

/// Looks at the log: schema, rights, triggers, history, and the checkpoints on it.
enum LogExamination {
    /// - Returns: the findings, and whether there is a log to look at further.
    static func schema(_ migrations: [MigrationStatus]) -> (Finding, isReady: Bool) {
        let check = "schema"
        if let altered = migrations.first(where: { $0.state == .altered }) {
            let error = MigrationError.altered(version: altered.version, name: altered.name)
            return (.failed(check, Failure(error)), false)
        }
        if let newer = migrations.last(where: { $0.state == .unknown }) {
            let found = "version \(newer.version), this program knows \(Migrator.currentVersion)"
            return (.wrong(check, found, cure: "use the newer program"), false)
        }
        let pending = migrations.filter { $0.state == .pending }
        guard pending.isEmpty else {
            let found =
                pending.count == migrations.count
                ? "there is none yet" : "\(Counted.of(pending.count, "migration")) missing"
            return (.wrong(check, found, cure: "run `lockstep migrate up`"), false)
        }
        return (.ok(check, "version \(Migrator.currentVersion)"), true)
    }

    private static let rightsStatement: PostgresStatement = """
        select current_user::text, r.right, has_table_privilege(r.relation, r.privilege)
        from (values
            ('read events', 'lockstep.events', 'select'), ('append events', 'lockstep.events', 'insert'),
            ('move the end of the log', 'lockstep.log_state', 'update'), ('add kinds', 'lockstep.kinds', 'insert'),
            ('take leases', 'lockstep.leases', 'insert'), ('move checkpoints', 'lockstep.checkpoints', 'insert'),
            ('park keys', 'lockstep_read.parked_keys', 'insert'), ('take messages in', 'lockstep.inbound_bookmarks', 'insert'), ('keep refused messages', 'lockstep.inbound_rejections', 'insert'),
            ('follow conversations', 'lockstep.conversation_bookmarks', 'insert'),
            ('make keys', 'lockstep.subject_keys', 'insert'), ('destroy keys', 'lockstep.subject_keys', 'update')
        ) r("right", relation, privilege)
        union all
        select current_user::text, 'compare histories', has_function_privilege('pg_control_system()', 'execute')
            and has_function_privilege('pg_control_checkpoint()', 'execute')
        """

    static func rights(on connection: PostgresConnection) async throws -> Finding {
        let rows = try await connection.query(rightsStatement)
        var missing: [String] = []
        for row in 0..<rows.rowCount where !(try rows.bool(row, 2)) { missing.append(try rows.text(row, 1)) }
        let role = try rows.text(0, 0)
        guard !missing.isEmpty else { return .ok("rights", "role \(role) may do everything it needs") }
        return .wrong(
            "rights", "role \(role) may not \(missing.joined(separator: ", nor "))",
            cure: "grant them to \(role) as the owner of the schema, or use the role that ran `lockstep migrate up`")
    }

    private static let triggersStatement: PostgresStatement = """
        select t.tgname::text from pg_trigger t
        where t.tgenabled in ('O', 'A') and (t.tgrelid, t.tgname) in (
            ('lockstep.events'::regclass, 'events_are_immutable'), ('lockstep.log_state'::regclass, 'log_state_stays'))
        """

    static func triggers(on connection: PostgresConnection) async throws -> Finding {
        let rows = try await connection.query(triggersStatement)
        let found = Set(try (0..<rows.rowCount).map { try rows.text($0, 0) })
        let missing = ["events_are_immutable", "log_state_stays"].filter { !found.contains($0) }
        guard !missing.isEmpty else { return .ok("immutability", "the triggers that refuse changes are in force") }
        return .wrong(
            "immutability", "\(missing.joined(separator: " and ")) is missing or switched off: events can be changed",
            cure: "enable it (alter table … enable trigger), then run `lockstep audit verify`")
    }

    static func history(_ history: LogHistory) -> Finding {
        guard let mismatch = history.mismatch else {
            return .ok(
                "history",
                "system \(history.found.systemIdentifier), timeline \(history.found.timeline), head \(history.position)"
            )
        }
        return .wrong(
            "history",
            "written last in system \(mismatch.remembered.systemIdentifier), timeline \(mismatch.remembered.timeline); this is system "
                + "\(mismatch.found.systemIdentifier), timeline \(mismatch.found.timeline): a restored or promoted copy; writers refuse",
            cure: "see below what the topic holds, then run `lockstep doctor adopt-history`")
    }

    private static let checkpointsStatement: PostgresStatement = """
        select p.consumer, p.version, p.position, p.head, p.incarnation = h.incarnation,
            p.last_event_id is null or coalesce(e.event_id = p.last_event_id, false), p.lane
        from lockstep.consumer_progress p cross join lockstep.log_head h
        left join lockstep.event_log e on e.position = p.position
        where p.position > 0 and p.kind <> 'ingest' order by p.kind, p.consumer, p.version, p.lane
        """

    /// Whether every consumer is on this history (L10).
    static func checkpoints(on connection: PostgresConnection) async throws -> [Finding] {
        let rows = try await connection.query(checkpointsStatement)
        var findings: [Finding] = []
        for row in 0..<rows.rowCount {
            let lane = try rows.int32(row, 6)
            let name = "\(try rows.text(row, 0)) v\(try rows.int32(row, 1))\(lane < 0 ? "" : ", lane \(lane)")"
            let (position, head) = (try rows.int64(row, 2), try rows.int64(row, 3))
            let cure = "restore the copy of the log that it has seen, or rebuild it from this one"
            if position > head {
                findings.append(
                    .wrong("checkpoint of \(name)", "at \(position), but the log ends at \(head)", cure: cure))
            } else if !(try rows.bool(row, 5)) {
                findings.append(
                    .wrong(
                        "checkpoint of \(name)", "it has seen another event at \(position) than the log holds",
                        cure: cure))
            } else if !(try rows.bool(row, 4)) {
                findings.append(
                    .wrong(
                        "checkpoint of \(name)", "at \(position), of another incarnation of this log",
                        cure: "run `lockstep doctor adopt-history` if this is the log that goes on"))
            }
        }
        guard findings.isEmpty else { return findings }
        return [.ok("checkpoints", rows.rowCount == 0 ? "none yet" : "\(rows.rowCount), all on this history")]
    }
}
