/// `LISTEN` on a connection of its own, as a sequence that ends only when its task is cancelled.
///
/// Notifications are a hint to look, not a record: those sent while the connection was down are lost, and
/// ``Element/reconnected`` says that some may have been. Each iterator opens its own connection. It cannot work behind
/// a pooler in transaction mode.
public struct PostgresListener: AsyncSequence, Sendable {
    /// What a listener tells.
    public enum Element: Sendable, Equatable {
        /// Listening has begun; what is sent from now on arrives.
        case connected
        /// Listening has begun again after the connection was lost; look for what was missed.
        case reconnected
        /// Somebody sent a message.
        case notification(PostgresNotification)
    }

    private let configuration: PostgresConfiguration
    private let channels: [String]
    private let backoff: Backoff
    private let sleep: @Sendable (Duration) async throws -> Void

    /// A listener on some channels; nothing is opened before the first element is asked for.
    ///
    /// - Parameters:
    ///   - channels: names as in `pg_notify`, not folded to lower case.
    ///   - backoff: the pauses between attempts to connect.
    ///   - sleep: how to wait; must throw when the task is cancelled.
    public init(
        configuration: PostgresConfiguration, channels: [String], backoff: Backoff = Backoff(),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.configuration = configuration
        self.channels = channels
        self.backoff = backoff
        self.sleep = sleep
    }

    /// Begins to listen.
    public func makeAsyncIterator() -> Iterator {
        Iterator(listener: self)
    }

    /// One connection that listens.
    public struct Iterator: AsyncIteratorProtocol {
        private let listener: PostgresListener
        private var line: (connection: PostgresConnection, wakeup: Wakeup)?
        private var hasListened = false
        private var failures = 0

        fileprivate init(listener: PostgresListener) {
            self.listener = listener
        }

        /// The next element; nil once the task is cancelled.
        ///
        /// - Throws: a refusal that trying again would not change, such as a wrong password.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(PostgresError) -> Element? {
            while !Task.isCancelled {
                do throws(PostgresError) {
                    guard let line else { return try await connect() }
                    guard let notification = try await Self.wait(on: line.connection, line.wakeup) else { break }
                    return .notification(notification)
                } catch {
                    await hangUp()
                    guard error.kind != .cancelled else { break }
                    guard error.isRetriable else { throw error }
                    failures += 1
                    guard await listener.pause(afterFailures: failures) else { break }
                }
            }
            await hangUp()
            return nil
        }

        /// The next element; nil once the task is cancelled.
        public mutating func next() async throws(PostgresError) -> Element? {
            try await next(isolation: nil)
        }

        private mutating func connect(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(PostgresError) -> Element {
            let opened = try await PostgresConnection.connect(listener.configuration)
            try await opened.listen(to: listener.channels)
            line = (opened, try Wakeup())
            failures = 0
            defer { hasListened = true }
            return hasListened ? .reconnected : .connected
        }

        private mutating func hangUp(isolation actor: isolated (any Actor)? = #isolation) async {
            await line?.connection.close()
            line = nil
        }
    }
}

extension PostgresListener.Iterator {
    /// The next notification; nil when the task was cancelled.
    private nonisolated(nonsending) static func wait(
        on connection: PostgresConnection, _ wakeup: Wakeup
    ) async throws(PostgresError) -> PostgresNotification? {
        let outcome = await withTaskCancellationHandler {
            await Result.awaiting { () async throws(PostgresError) in try await connection.nextNotification(wakeup) }
        } onCancel: {
            wakeup.wake()
        }
        return try outcome.get()
    }
}

extension PostgresListener {
    /// False when the task was cancelled meanwhile.
    private nonisolated(nonsending) func pause(afterFailures failures: Int) async -> Bool {
        var generator = SystemRandomNumberGenerator()
        return (try? await sleep(backoff.delay(afterFailures: failures, using: &generator))) != nil
    }
}

extension Result {
    /// The outcome of an asynchronous call.
    fileprivate nonisolated(nonsending) static func awaiting(
        _ body: nonisolated(nonsending) () async throws(Failure) -> Success
    ) async -> Result {
        do throws(Failure) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
