import EventModel
import Foundation
import PostgresDriver
import Testing

@Suite("serve --roles parlant", .enabled(if: Program.hasDatabase), .timeLimit(.minutes(15))) struct FollowingTests {
    private func with(_ body: (FakeParlantServer, [String: String]) async throws -> Void) async throws {
        try await FakeParlantServer.running { server in
            try await TestDatabase.with { environment in
                var environment = environment.filter { !$0.key.hasPrefix("LOCKSTEP_KAFKA") }
                environment["LOCKSTEP_PARLANT_URL"] = server.url
                environment["LOCKSTEP_PARLANT_POLL_MILLISECONDS"] = "50"
                environment["LOCKSTEP_SERVE_LEASE_SECONDS"] = "2"
                try await body(server, environment)
            }
        }
    }

    private func serve(_ environment: [String: String]) throws -> LiveProgram {
        try LiveProgram(["serve", "--roles", "parlant"], environment: environment)
    }

    /// Messages in the log, and how many of them are there twice.
    private func messages(_ environment: [String: String]) async throws -> (count: Int64, repeated: Int64) {
        let rows = try await TestDatabase.query(
            """
            select count(*), count(*) - count(distinct (stream, data->'event'->'offset')) from lockstep.event_log
            where type = 'parlant_session.message_posted'
            """, environment)
        return (try rows.int64(0, 0), try rows.int64(0, 1))
    }

    private func wait(for count: Int64, _ environment: [String: String]) async throws {
        try await TestDatabase.until(
            "(select count(*) from lockstep.event_log where type = 'parlant_session.message_posted') >= \(count)",
            environment)
    }

    @Test func `killed at any moment and started again, it loses nothing and repeats nothing`() async throws {
        try await with { server, environment in
            for id in ["a", "b", "c"] { server.world.say(id, 150) }
            var said: Int64 = 450
            for round in 0..<4 {
                let program = try serve(environment)
                // Somewhere in the middle of what there is to take in.
                try await wait(for: said - 449 + Int64(round * 60), environment)
                program.signal(SIGKILL)
                _ = await program.status()
                server.world.say("a", 30)
                said += 30
            }
            let program = try serve(environment)
            try await wait(for: said, environment)
            program.signal(SIGTERM)
            #expect(await program.status() == 0)
            let found = try await messages(environment)
            #expect(found.count == said && found.repeated == 0)
            let rewound = try await TestDatabase.query(
                "select count(*) from lockstep.event_log where type like '%.rewound'", environment)
            #expect(try rewound.int64(0, 0) == 0)
        }
    }

    @Test func `a server that goes away is waited for, and so is one that is not there yet`() async throws {
        try await with { server, environment in
            server.world.beSilent(true)
            let program = try serve(environment)
            server.world.say("a", 3)
            server.world.beSilent(false)
            try await wait(for: 3, environment)
            server.world.beSilent(true)
            server.world.say("a", 3)
            server.world.beSilent(false)
            try await wait(for: 6, environment)
            program.signal(SIGTERM)
            #expect(await program.status() == 0)
        }
    }

    @Test func `when the one that follows dies, the other one takes over`() async throws {
        try await with { server, environment in
            var names = ["first": environment, "second": environment]
            for name in names.keys { names[name]?["LOCKSTEP_SERVE_HOLDER"] = name }
            var programs: [String: LiveProgram] = [:]
            for (name, environment) in names { programs[name] = try serve(environment) }
            server.world.say("a", 5)
            try await wait(for: 5, environment)
            // Between two renewals that came late nobody holds the lease.
            var found: String?
            while found == nil {
                let status = try await Program.run(["parlant", "status", "--json"], environment: environment)
                found = try #require(try status.objects().first, "\(status.err)")["followed_by"]?.string
            }
            let leader = try #require(found)
            programs[leader]?.signal(SIGKILL)
            _ = await programs.removeValue(forKey: leader)?.status()
            server.world.say("a", 5)
            try await wait(for: 10, environment)
            for program in programs.values {
                program.signal(SIGTERM)
                #expect(await program.status() == 0)
            }
            let taken = try await messages(environment)
            #expect(taken.count == 10 && taken.repeated == 0)
        }
    }

    @Test func `without a server, or without the module, it says what to do`() async throws {
        try await with { server, environment in
            var nobody = environment
            nobody["LOCKSTEP_PARLANT_URL"] = nil
            let missing = try await Program.run(["serve", "--roles", "parlant"], environment: nobody)
            #expect(missing.status == 3 && missing.err.contains("LOCKSTEP_PARLANT_URL"))
            var wrong = environment
            wrong["LOCKSTEP_PARLANT_URL"] = "ftp://x"
            #expect(try await Program.run(["serve", "--roles", "parlant"], environment: wrong).status == 2)
            for version in [nil, 1] {
                server.world.loadModule(version)
                let refused = try await Program.run(["serve", "--roles", "parlant"], environment: environment)
                #expect(refused.status == 3 && refused.err.contains("ops/parlant"), "\(refused.err)")
            }
        }
    }

    @Test func `the doctor says when nobody follows`() async throws {
        try await with { server, environment in
            server.world.say("a")
            let outcome = try await Program.run(["doctor", "--json"], environment: environment)
            let found = try outcome.objects().filter { ["parlant", "conversations"].contains($0["check"]?.string) }
            #expect(found.map { $0["verdict"]?.string } == ["ok", "warning"], "\(outcome.out)")
        }
    }
}
