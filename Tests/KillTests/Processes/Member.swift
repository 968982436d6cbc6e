import Foundation
import Synchronization

/// A serving process and whoever starts it again when it has died.
final class Member: Sendable {
    private struct State {
        var child: Child?
        var isClosing = false
        /// Whether it is to stay away for a while.
        var isAway = false
        var starts = 0
        /// How it ended where that is no answer to what was done to it.
        var collapses: [Int32] = []
    }

    let name: String
    /// What it serves as.
    let role: String
    private let environment: [String: String]
    private let log: FileHandle
    private let state = Mutex(State())

    convenience init(_ name: String, _ role: Victim.Role, environment: [String: String], log: FileHandle) {
        self.init(name, serving: role.rawValue, environment: environment, log: log)
    }

    init(_ name: String, serving role: String, environment: [String: String], log: FileHandle) {
        self.name = name
        self.role = role
        var environment = environment
        environment["LOCKSTEP_SERVE_HOLDER"] = name
        self.environment = environment
        self.log = log
    }

    /// Statuses, or signals, with which it ended by itself. Who finds no database when it is started may end, and says so.
    var collapses: [Int32] { state.withLock { $0.collapses } }

    /// Keeps the process running until closed.
    ///
    /// - Returns: the status of the last process.
    func run() async -> Int32 {
        while true {
            let (isAway, isOver) = state.withLock { ($0.isAway, $0.isClosing) }
            if isAway {
                if isOver { return 0 }
                await Patience.breathe()
                continue
            }
            let child: Child
            do { child = try start() } catch { return -1 }
            let status = await child.ended()
            let isClosing = state.withLock { state in
                if ![0, 3, SIGKILL].contains(status) { state.collapses.append(status) }
                return state.isClosing
            }
            if isClosing { return status }
            // A process that finds no database at its start ends at once; whoever restarts it leaves it a moment.
            await Patience.breathe()
        }
    }

    /// Under one lock, so that nothing is started behind the back of whoever closes.
    private func start() throws -> Child {
        try state.withLock { state in
            let child = try Child(
                Program.path, ["serve", "--roles", role], environment: environment, output: .file(log),
                errors: .file(log))
            state.child = child
            state.starts += 1
            if state.isClosing { child.signal(SIGTERM) }
            return child
        }
    }

    /// Kills it, and has nobody start it again before ``comeBack()``.
    func goAway() {
        let child = state.withLock { state in
            state.isAway = true
            return state.child
        }
        child?.signal(SIGKILL)
    }

    func comeBack() { state.withLock { $0.isAway = false } }

    func signal(_ number: Int32) { state.withLock { $0.child }?.signal(number) }

    /// Asks for an orderly end. A paused process is woken for it.
    func close() {
        let child = state.withLock { state in
            state.isClosing = true
            return state.child
        }
        child?.signal(SIGCONT)
        child?.signal(SIGTERM)
    }
}
