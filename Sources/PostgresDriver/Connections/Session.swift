import CLibPQ
import Synchronization

/// Owns one `PGconn *` and speaks the protocol through libpq's blocking calls.
// @unchecked Sendable: libpq forbids two threads in one PGconn. Everything but `gate`, `condition` and the constants is
// confined to the thread of the connection's executor: it is opened there, and only `PostgresConnection` calls in.
final class Session: @unchecked Sendable {
    /// What others may know about the session without entering its thread.
    enum Condition: UInt8 {
        case idle
        case inTransaction
        case unusable
    }

    private var opened: OpaquePointer?
    let gate: CancelGate
    let configuration: PostgresConfiguration
    let serverVersion: Int
    let backendPID: Int32
    let socket: Int32
    private let sharedCondition = Atomic<UInt8>(Condition.idle.rawValue)
    var statements: StatementCache

    init(adopting handle: OpaquePointer, configuration: PostgresConfiguration) {
        opened = handle
        gate = CancelGate(adopting: PQgetCancel(handle))
        self.configuration = configuration
        serverVersion = Int(PQserverVersion(handle))
        backendPID = PQbackendPID(handle)
        socket = PQsocket(handle)
        statements = StatementCache(limit: configuration.preparedStatementLimit)
    }

    deinit {
        PQfinish(opened)
    }

    /// Where the session stands; readable from any thread.
    var condition: Condition {
        Condition(rawValue: sharedCondition.load(ordering: .acquiring)) ?? .unusable
    }

    /// Says goodbye to the server and frees the handle.
    func close() {
        sharedCondition.store(Condition.unusable.rawValue, ordering: .releasing)
        PQfinish(opened)
        opened = nil
    }

    /// Never to be used again, though not closed yet.
    func condemn() {
        sharedCondition.store(Condition.unusable.rawValue, ordering: .releasing)
    }

    /// The handle of a session that works as far as is known.
    func handle() throws(PostgresError) -> OpaquePointer {
        guard let opened else { throw PostgresError(.closed, "the connection was closed") }
        guard PQstatus(opened) == CONNECTION_OK else {
            condemn()
            throw PostgresError(.connectionLost, "the connection was lost before")
        }
        return opened
    }

    var isInTransaction: Bool {
        guard let opened else { return false }
        return PQtransactionStatus(opened) != PQTRANS_IDLE
    }

    /// Publishes where the session stands after a statement.
    func noteCondition() {
        guard condition != .unusable else { return }
        guard let opened, PQstatus(opened) == CONNECTION_OK else { return condemn() }
        let next: Condition = PQtransactionStatus(opened) == PQTRANS_IDLE ? .idle : .inTransaction
        sharedCondition.store(next.rawValue, ordering: .releasing)
    }

    /// A run-time parameter that the server reports by itself.
    func parameterStatus(_ name: String) -> String? {
        guard let opened else { return nil }
        _ = try? absorbInput(opened)
        return PQparameterStatus(opened, name).map { String(cString: $0) }
    }
}

extension Session {
    /// What it means when the connection goes away under a statement that was sent.
    enum Loss {
        /// It took no effect: its transaction cannot have committed.
        case harmless
        /// It may have committed.
        case uncertain

        var kind: PostgresError.Kind {
            switch self {
            case .harmless: .connectionLost
            case .uncertain: .unknownOutcome
            }
        }
    }

    /// What losing `statement` would mean now.
    func loss(of statement: PostgresStatement) -> Loss {
        isInTransaction && !statement.mayCommit ? .harmless : .uncertain
    }

    /// Checks, before anything is sent, that the server has not hung up, and passes the gate.
    func prepareToSend() throws(PostgresError) -> OpaquePointer {
        let handle = try handle()
        try absorbInput(handle)
        guard gate.allowsSending() else { throw PostgresError(.cancelled, "the task was cancelled before sending") }
        return handle
    }

    /// Reads what has arrived unasked: notices, changed settings, or the end of the connection.
    private func absorbInput(_ handle: OpaquePointer) throws(PostgresError) {
        // One read may bring the server's last words and only the next one the end.
        while SocketWait.isReadable(socket) {
            let isAlive = PQconsumeInput(handle) == 1
            // PQisBusy parses what was read.
            _ = PQisBusy(handle)
            guard isAlive, PQstatus(handle) == CONNECTION_OK else { throw lost(.harmless, handle, because: nil) }
        }
        while let unwanted = PQnotifies(handle) { PQfreemem(unwanted) }
    }

    /// Reads what has arrived unasked; false when it was the end.
    func absorbsInput() -> Bool {
        guard let handle = try? handle() else { return false }
        return (try? absorbInput(handle)) != nil
    }

    /// The error for a connection that went away, with what the server last said.
    func lost(_ loss: Loss, _ handle: OpaquePointer, because last: PostgresError?) -> PostgresError {
        condemn()
        guard let last else {
            return PostgresError(loss.kind, configuration.redacting(trimmed(PQerrorMessage(handle))))
        }
        return last.with(kind: loss.kind)
    }
}
