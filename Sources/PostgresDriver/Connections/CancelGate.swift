import CLibPQ

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Lets a cancelled task stop its statement on the server, and only that one.
///
/// A request to cancel travels on a connection of its own and names the server process, not the statement. So while
/// one is in flight, ``end()`` waits for it, and the session then makes one empty round trip, after which the server
/// cannot have a signal left. A request that comes before the server has begun the statement is ignored there;
/// therefore it is repeated until the statement has ended.
// @unchecked Sendable: `state` and `inFlight` are only touched inside `monitor.locked`; PQcancel may be called from any
// thread, and the PGcancel is freed by the deinit alone, which no request outlives because it holds the gate.
final class CancelGate: @unchecked Sendable {
    /// Names one statement.
    typealias Ticket = UInt64

    private enum State {
        case idle
        case prepared
        case sent
        case cancelledBeforeSending
        case cancelling
    }

    private let monitor = Monitor()
    private let canceller: OpaquePointer?
    private var current: Ticket = 0
    private var state = State.idle
    private var inFlight = false

    private static let repeatMilliseconds: CInt = 100
    private static let stackBytes = 1 << 18

    /// Takes over a `PGcancel`.
    init(adopting canceller: OpaquePointer?) {
        self.canceller = canceller
    }

    deinit {
        PQfreeCancel(canceller)
    }

    /// Opens the gate for one statement.
    func begin() -> Ticket {
        monitor.locked {
            current += 1
            state = .prepared
            return current
        }
    }

    /// Called before the first byte of a statement is sent; false when the task was cancelled already.
    func allowsSending() -> Bool {
        monitor.locked {
            switch state {
            case .prepared: state = .sent
            case .idle, .sent, .cancelling: break
            case .cancelledBeforeSending: return false
            }
            return true
        }
    }

    /// Asks to stop the statement of `ticket`. Returns at once and may be called from any thread.
    func cancel(_ ticket: Ticket) {
        let mustRequest = monitor.locked {
            guard ticket == current else { return false }
            switch state {
            case .prepared: state = .cancelledBeforeSending
            case .sent:
                state = .cancelling
                return true
            case .idle, .cancelledBeforeSending, .cancelling: break
            }
            return false
        }
        guard mustRequest else { return }
        _ = DetachedThread.start(stackBytes: Self.stackBytes) { self.requestUntilEnded(ticket) }
    }

    /// Closes the gate after the statement.
    ///
    /// - Returns: whether a request was sent, so that a signal may still be on its way to the server process.
    func end() -> Bool {
        monitor.locked {
            while inFlight { monitor.wait() }
            defer { state = .idle }
            if case .cancelling = state { return true }
            return false
        }
    }

    /// Stops the statement under way from the connection's own thread, for a caller that wants no more of its rows.
    func cancelNow() {
        request()
        monitor.locked { state = .cancelling }
    }

    private func requestUntilEnded(_ ticket: Ticket) {
        while beginRequest(ticket) {
            request()
            monitor.locked {
                inFlight = false
                monitor.wakeAll()
            }
            poll(nil, 0, Self.repeatMilliseconds)
        }
    }

    private func beginRequest(_ ticket: Ticket) -> Bool {
        monitor.locked {
            guard ticket == current, case .cancelling = state else { return false }
            inFlight = true
            return true
        }
    }

    private func request() {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
            _ = PQcancel(canceller, text.baseAddress, Int32(text.count))
        }
    }
}
