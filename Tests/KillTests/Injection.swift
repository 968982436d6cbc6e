import Foundation

extension World {
    /// Does what the fault says and undoes what can be undone: afterwards everything runs again, or is being started.
    func inject(_ fault: Fault) async throws {
        switch fault {
        case .kill(let victim): (try await process(of: victim))(SIGKILL)
        case .restart(let victim): (try await process(of: victim))(SIGTERM)
        case .pause(let victim) where victim.role == .writer: try await pauseWriter(victim.leads ? 0 : 1)
        case .pause(let victim): try await pauseLeader(victim.role)
        case .stopPostgres:
            let server = try services.process(of: .postgres)
            kill(server, SIGQUIT)
            try await services.start(.postgres)
        case .killPostgres:
            let server = try services.process(of: .postgres)
            let sessions = try await ProcessTree.children(of: server)
            for process in [server] + sessions { kill(process, SIGKILL) }
            await vanish(server)
            try await services.start(.postgres)
        case .killSession: try await killSession()
        case .killBroker: try await killBroker()
        case .killBrokerAfterHandOver:
            try await handOver()
            try await killBroker()
        case .pauseBroker:
            let broker = try services.process(of: .kafka)
            kill(broker, SIGSTOP)
            defer { kill(broker, SIGCONT) }
            try await elapse(.milliseconds(1_500))
        }
    }

    private func killBroker() async throws {
        let broker = try services.process(of: .kafka)
        kill(broker, SIGKILL)
        await vanish(broker)
        try await services.start(.kafka)
    }

    /// An orderly end of the leading publisher; the other one leads afterwards, or the same one anew.
    private func handOver() async throws {
        let leader = try await leader(of: .publisher)
        let granted = "select max(token) from lockstep.leases where holder like 'publisher-%'"
        let before = try await observer.number(granted)
        members.first { $0.name == leader }?.signal(SIGTERM)
        try await Patience.until("publishing is led anew") { try await observer.number(granted) > before }
        // Time to read the ends of the partitions; less than the broker takes to write down what it acknowledged.
        try await elapse(.milliseconds(60))
    }

    /// Signals for whoever it is at this moment.
    private func process(of victim: Victim) async throws -> @Sendable (Int32) -> Void {
        if victim.role == .writer {
            let writer = writers[victim.leads ? 0 : 1]
            return { writer.signal($0) }
        }
        let leader = try await leader(of: victim.role)
        let member = members.first { $0.role == victim.role.rawValue && ($0.name == leader) == victim.leads }
        return { member?.signal($0) }
    }

    private func leader(of role: Victim.Role) async throws -> String {
        var holders: [String] = []
        try await Patience.until("a leading \(role)") {
            holders = try await observer.texts(
                """
                select holder from lockstep.leases
                where holder like '\(role.rawValue)-%' and expires_at > clock_timestamp() order by name limit 1
                """)
            return !holders.isEmpty
        }
        return holders[0]
    }

    /// A paused writer holds nobody back: the other one goes on.
    private func pauseWriter(_ number: Int) async throws {
        let (paused, other) = (writers[number], writers[1 - number])
        paused.signal(SIGSTOP)
        defer { paused.signal(SIGCONT) }
        let before = other.acknowledged
        if !other.isIdle {
            try await Patience.until("a writer goes on while the other is paused") { other.acknowledged >= before + 50 }
        }
        try await elapse(.seconds(1))
    }

    /// Until the waiting one has taken over everything that the paused one had.
    private func pauseLeader(_ role: Victim.Role) async throws {
        let leader = try await leader(of: role)
        guard let member = members.first(where: { $0.name == leader }) else { return }
        member.signal(SIGSTOP)
        defer { member.signal(SIGCONT) }
        try await Patience.until("the leases of \(leader), which is paused, are taken over") {
            try await observer.number(Self.leases(of: leader)) == 0
        }
        // The successor works for a moment before the paused one wakes up and believes that it leads.
        try await elapse(.milliseconds(300))
    }

    /// Those of generations that were given up are nobody's any more, and nobody takes them over; one that was given back is no more.
    private static func leases(of holder: String) -> String {
        """
        select count(*) from lockstep.leases l
        where l.holder = '\(holder)' and l.expires_at > '-infinity' and not exists (
            select from lockstep.generations g
            where g.state = 'retired' and l.name || '/' like format('projector/%s/v%s/%%', g.projection, g.number))
        """
    }

    /// A session of ours, in the middle of whatever it does.
    private func killSession() async throws {
        let server = try services.process(of: .postgres)
        let sessions = try await observer.with { connection in
            let rows = try await connection.query(
                """
                select pid from pg_stat_activity
                where backend_type = 'client backend' and pid <> pg_backend_pid() order by xact_start nulls last, pid
                """)
            return try (0..<rows.rowCount).map { try rows.int32($0, 0) }
        }
        let children = Set(try await ProcessTree.children(of: server))
        guard let session = sessions.first(where: children.contains) else { return }
        kill(session, SIGKILL)
    }

    /// Until the last thread of a killed process has let go of its port. Where nobody collects the dead, a moment must do.
    private func vanish(_ process: Int32) async {
        try? await Patience.until("process \(process) is gone", within: .seconds(3)) { kill(process, 0) != 0 }
    }

    private func elapse(_ duration: Duration) async throws {
        let end = ContinuousClock.now + duration
        try await Patience.until("time passes") { ContinuousClock.now >= end }
    }
}
