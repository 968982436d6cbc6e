import Foundation
import Synchronization

/// A process that this test has started.
///
/// Started by hand: Foundation hands every open descriptor down, and takes a process for ended only when all who got one of them have
/// closed it. The servers that this suite starts would keep the processes of other suites from ever ending.
final class Child: Sendable {
    struct NotStarted: Error {
        let program: String
        /// As `errno` names it.
        let code: Int32
    }

    /// Where a standard stream leads.
    enum Stream {
        case null
        case pipe(Pipe)
        case file(FileHandle)
    }

    private struct State {
        var status: Int32?
        var waiters: [CheckedContinuation<Int32, Never>] = []
    }

    let pid: Int32
    private let state = Mutex(State())

    /// Starts a program without the settings of whoever runs the tests.
    init(
        _ program: String, _ arguments: [String], environment: [String: String], input: Stream = .null,
        output: Stream = .null, errors: Stream = .null
    ) throws {
        // Who writes to a killed program must not be killed itself.
        _ = Foundation.signal(SIGPIPE, SIG_IGN)
        let variables = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("LOCKSTEP_") || $0.key == "LOCKSTEP_DIR" }
            .merging(environment) { _, given in given }
        pid = try Self.spawn(program, arguments, variables, [input, output, errors])
        Thread.detachNewThread { self.end(Self.wait(for: self.pid)) }
    }

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

    private static func wait(for pid: Int32) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : signal
    }
}

extension Child {
    /// A pipe that only its own program gets an end of.
    static func pipe() -> Pipe {
        let pipe = Pipe()
        for handle in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
            _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        return pipe
    }

    private static func openDescriptors() -> [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? []).compactMap { Int32($0) }
    }

    private static func spawn(
        _ program: String, _ arguments: [String], _ variables: [String: String], _ streams: [Stream]
    ) throws -> Int32 {
        #if canImport(Darwin)
            var (actions, attributes): (posix_spawn_file_actions_t?, posix_spawnattr_t?) = (nil, nil)
            let others = POSIX_SPAWN_CLOEXEC_DEFAULT
        #else
            var (actions, attributes) = (posix_spawn_file_actions_t(), posix_spawnattr_t())
            let others: Int32 = 0
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (number, stream) in streams.enumerated() {
            let number = Int32(number)
            switch stream {
            case .null: posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
            case .file(let handle): posix_spawn_file_actions_adddup2(&actions, handle.fileDescriptor, number)
            case .pipe(let pipe):
                let handle = number == 0 ? pipe.fileHandleForReading : pipe.fileHandleForWriting
                posix_spawn_file_actions_adddup2(&actions, handle.fileDescriptor, number)
            }
        }
        #if !canImport(Darwin)
            // Closing what is not open is no error; a few more may be opened meanwhile.
            for other in 3...(openDescriptors().max() ?? 3) + 64 { posix_spawn_file_actions_addclose(&actions, other) }
        #endif
        // A program inherits the mask of the thread that starts it, and threads of Dispatch block nearly every signal.
        var (none, ignored) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&ignored)
        sigaddset(&ignored, SIGPIPE)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &ignored)
        posix_spawnattr_setflags(
            &attributes, Int16(Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | others))

        var pid: Int32 = 0
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        let settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + settings { free(text) } }
        let code = posix_spawn(&pid, program, &actions, &attributes, words, settings)
        guard code == 0 else { throw NotStarted(program: program, code: code) }
        // Ours are the other ends.
        for (number, stream) in streams.enumerated() {
            guard case .pipe(let pipe) = stream else { continue }
            try (number == 0 ? pipe.fileHandleForReading : pipe.fileHandleForWriting).close()
        }
        return pid
    }
}

/// The built binary, beside the bundle of these tests.
enum Program {
    static let path = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("lockstep").path
}
