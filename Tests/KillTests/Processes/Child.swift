import Foundation
import Synchronization

/// A process that this test has started.
// @unchecked Sendable: the process is only started and signalled, which Foundation allows from any thread; all else is in a mutex.
final class Child: @unchecked Sendable {
    private struct State {
        var status: Int32?
        var waiters: [CheckedContinuation<Int32, Never>] = []
    }

    private let process = Foundation.Process()
    private let state = Mutex(State())

    /// Starts a program without the settings of whoever runs the tests.
    init(
        _ program: String, _ arguments: [String], environment: [String: String], input: Any? = nil, output: Any? = nil,
        errors: Any? = nil
    ) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("LOCKSTEP_") || $0.key == "LOCKSTEP_DIR" }
            .merging(environment) { _, given in given }
        process.standardInput = input ?? FileHandle.nullDevice
        process.standardOutput = output ?? FileHandle.nullDevice
        process.standardError = errors ?? FileHandle.nullDevice
        process.terminationHandler = { [weak self] in self?.end($0.terminationStatus) }
        // Who writes to a killed program must not be killed itself.
        _ = Foundation.signal(SIGPIPE, SIG_IGN)
        try Self.hearingEverySignal { try process.run() }
    }

    /// A program inherits the mask of the thread that starts it, and threads of Dispatch block nearly every signal.
    private static func hearingEverySignal(_ body: () throws -> Void) rethrows {
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    var pid: Int32 { process.processIdentifier }
    var hasEnded: Bool { state.withLock { $0.status != nil } }

    /// Sends a signal, unless the process has ended and its number may be another's.
    func signal(_ number: Int32) {
        state.withLock { state in
            if state.status == nil { kill(pid, number) }
        }
    }

    /// The status with which it ended, or the number of the signal that ended it.
    func ended() async -> Int32 {
        await withCheckedContinuation { waiting in
            let status = state.withLock { state -> Int32? in
                if state.status == nil { state.waiters.append(waiting) }
                return state.status
            }
            if let status { waiting.resume(returning: status) }
        }
    }

    private func end(_ status: Int32) {
        let waiters = state.withLock { state in
            state.status = status
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }
}

/// The built binary, beside the bundle of these tests.
enum Program {
    static let path = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("lockstep").path
}
