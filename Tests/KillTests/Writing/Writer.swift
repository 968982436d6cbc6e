import EventModel
import Foundation
import Synchronization

/// `lockstep append --file -`, fed for as long as it is wanted, started again when it has died, and then told everything again that it
/// has not answered.
final class Writer: Sendable {
    /// Lines under way at a time. Few: a round is to be long in time, not in events.
    private static let window = 6

    private struct State {
        var ledger = Ledger()
        var workload: Workload
        var child: Child?
        var isFeeding = false
        var isClosed = false
    }

    private let environment: [String: String]
    private let log: FileHandle
    private let state: Mutex<State>

    init(workload: Workload, environment: [String: String], log: FileHandle) {
        self.environment = environment
        self.log = log
        state = Mutex(State(workload: workload))
    }

    var ledger: Ledger { state.withLock { $0.ledger } }
    var acknowledged: Int { state.withLock { $0.ledger.acknowledged.count } }
    /// Whether everything it was given has been answered.
    var isIdle: Bool { state.withLock { $0.ledger.unanswered.isEmpty } }

    func feed(_ wanted: Bool) { state.withLock { $0.isFeeding = wanted } }

    func signal(_ number: Int32) { state.withLock { $0.child }?.signal(number) }

    func close() {
        let child = state.withLock { state in
            state.isClosed = true
            return state.child
        }
        child?.signal(SIGKILL)
    }

    /// One process after the other, until closed.
    func run() async {
        while !state.withLock({ $0.isClosed }) {
            if state.withLock({ $0.isFeeding || !$0.ledger.unanswered.isEmpty }) {
                do { try await append() } catch {
                    state.withLock { $0.ledger.fail("a writer did not start: \(error)") }
                }
            }
            await Patience.breathe()
        }
    }

    private func append() async throws {
        let (input, output) = (Child.pipe(), Child.pipe())
        let child = try state.withLock { state in
            let child = try Child(
                Program.path, ["append", "--json", "--file", "-"], environment: environment, input: .pipe(input),
                output: .pipe(output), errors: .file(log))
            state.child = child
            if state.isClosed { child.signal(SIGKILL) }
            return child
        }
        var lines = OutputLines(output.fileHandleForReading)
        var sent = 0
        var isOpen = true
        repeat {
            if isOpen {
                let wanted = linesToSend(&sent)
                // A dead program does not read; its lines are sent to the next one.
                do { try input.fileHandleForWriting.write(contentsOf: Data(wanted.utf8)) } catch { isOpen = false }
                if sent == 0 {
                    try? input.fileHandleForWriting.close()
                    isOpen = false
                }
            }
            guard let line = await lines.next() else { break }
            sent -= 1
            state.withLock { $0.ledger.answer(Self.answer(line)) }
        } while true
        if isOpen { try? input.fileHandleForWriting.close() }
        _ = await child.ended()
    }

    /// What fills the window: first what the process before left unanswered, then new lines while they are wanted.
    private func linesToSend(_ sent: inout Int) -> String {
        state.withLock { state in
            while state.isFeeding, state.ledger.unanswered.count < Self.window {
                state.ledger.add(state.workload.next())
            }
            let lines = state.ledger.unanswered.dropFirst(sent)
            sent += lines.count
            return lines.map { $0.text + "\n" }.joined()
        }
    }

    private static func answer(_ line: String) -> Ledger.Answer {
        guard let object = try? JSONValue(text: line), let outcome = object["outcome"]?.string,
            outcome == "appended" || outcome == "repeated", let position = object["first_position"]?.int,
            let version = object["version"]?.int
        else { return .other(line) }
        return .stored(position: Int64(position), version: Int64(version), isRepeat: outcome == "repeated")
    }
}

/// The whole lines that a program writes; one that a kill cut off is none.
struct OutputLines {
    private let handle: FileHandle
    private var buffer: [UInt8] = []

    init(_ handle: FileHandle) { self.handle = handle }

    /// The next line; `nil` when the program has closed its output.
    mutating func next() async -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0a) {
                defer { buffer.removeFirst(end + 1) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            let handle = handle
            // Not on a thread of the cooperative pool: the pipe of a paused program keeps it for as long as the pause lasts.
            let chunk = await withCheckedContinuation { waiting in
                DispatchQueue.global().async { waiting.resume(returning: handle.availableData) }
            }
            guard !chunk.isEmpty else { return nil }
            buffer.append(contentsOf: chunk)
        }
    }
}
