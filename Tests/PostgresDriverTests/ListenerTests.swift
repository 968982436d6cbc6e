import PostgresDriver
import Testing

@Suite("Listener", .enabled(if: TestServer.isThere, "needs LOCKSTEP_DATABASE_URL")) struct ListenerTests {
    @Test func `notifications arrive in order with channel and payload`() async throws {
        try await TestServer.withDatabase { configuration in
            let sender = try await PostgresConnection.connect(configuration)
            var elements = PostgresListener(configuration: configuration, channels: ["News", "o\"dd"])
                .makeAsyncIterator()
            #expect(try await elements.next() == .connected)
            try await sender.execute(#"NOTIFY "News", 'one'; NOTIFY "o""dd"; NOTIFY other; NOTIFY "News", 'zwei 🙂'"#)
            for (channel, payload) in [("News", "one"), ("o\"dd", ""), ("News", "zwei 🙂")] {
                guard case .notification(let notification) = try await elements.next() else {
                    Issue.record("no notification")
                    return
                }
                #expect(notification.channel == channel && notification.payload == payload)
                #expect(notification.backendPID == sender.backendPID)
            }
        }
    }

    @Test func `a lost connection is opened again and said aloud`() async throws {
        try await TestServer.withDatabase { configuration in
            let sender = try await PostgresConnection.connect(configuration)
            var elements = PostgresListener(configuration: configuration, channels: ["news"]) { _ in }
                .makeAsyncIterator()
            #expect(try await elements.next() == .connected)
            _ = try await sender.query(
                """
                SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                WHERE query LIKE 'LISTEN%' AND datname = current_database()
                """
            )
            #expect(try await elements.next() == .reconnected)
            try await sender.execute("NOTIFY news, 'after'")
            guard case .notification(let notification) = try await elements.next() else {
                Issue.record("no notification")
                return
            }
            #expect(notification.payload == "after")
        }
    }

    @Test func `cancelling ends the sequence and the connection`() async throws {
        try await TestServer.withDatabase { configuration in
            let witness = try await PostgresConnection.connect(configuration)
            let task = Task {
                var count = 0
                for try await _ in PostgresListener(configuration: configuration, channels: ["news"]) { count += 1 }
                return count
            }
            let others =
                "SELECT count(*) = $1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            try await witness.repeatUntilTrue(others, PostgresParameters { $0.append(1) })
            task.cancel()
            #expect(try await task.value == 1)
            try await witness.repeatUntilTrue(others, PostgresParameters { $0.append(0) })
        }
    }

    @Test func `a refusal for good ends the sequence with its error`() async throws {
        let missing = try TestServer.configuration().with(database: "no_such_database")
        await #expect {
            for try await _ in PostgresListener(configuration: missing, channels: ["news"]) {}
        } throws: { ($0 as? PostgresError)?.sqlState == .undefinedDatabase }
    }
}
