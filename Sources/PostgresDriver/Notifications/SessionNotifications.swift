import CLibPQ

extension PostgresConnection {
    /// Waits on the connection's thread for the next notification; nil when `wakeup` came first.
    func nextNotification(_ wakeup: Wakeup) throws(PostgresError) -> PostgresNotification? {
        try session.nextNotification(wakeup)
    }

    /// Listens to the channels, and nothing before has been missed from here on.
    func listen(to channels: [String]) async throws(PostgresError) {
        try await perform { session throws(PostgresError) in try session.listen(to: channels) }
    }
}

extension Session {
    func listen(to channels: [String]) throws(PostgresError) {
        for channel in channels {
            let quoted = channel.replacing("\"", with: "\"\"")
            try runScript("LISTEN \"\(quoted)\"", .harmless)
        }
    }

    func nextNotification(_ wakeup: Wakeup) throws(PostgresError) -> PostgresNotification? {
        let handle = try handle()
        while true {
            if let raw = PQnotifies(handle) {
                defer { PQfreemem(raw) }
                return PostgresNotification(
                    channel: String(cString: raw.pointee.relname), payload: String(cString: raw.pointee.extra),
                    backendPID: raw.pointee.be_pid
                )
            }
            if SocketWait.isReadable(wakeup.readable) { return nil }
            SocketWait.waitForEither(socket, wakeup.readable)
            guard PQconsumeInput(handle) == 1, PQstatus(handle) == CONNECTION_OK else {
                throw lost(.harmless, handle, because: nil)
            }
        }
    }
}
