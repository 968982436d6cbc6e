import Foundation

/// The program while it runs: its output line by line, and signals.
// @unchecked Sendable: the process is only started and signalled, which Foundation allows from any thread; the buffer is confined to the
// one task that reads lines.
final class LiveProgram: @unchecked Sendable {
    private let process: Foundation.Process
    private let output = Pipe()
    private let input = Pipe()
    private let ending: AsyncStream<Int32>
    private var buffer: [UInt8] = []

    /// - Parameter log: whether lines are those of its log, of a program that writes nothing else.
    init(_ arguments: [String], environment: [String: String], log: Bool = false) throws {
        process = try Program.process(arguments, environment)
        process.standardOutput = output
        process.standardInput = input
        if log {
            process.standardError = output
        } else {
            process.standardError = try ProgramLogs.handle(of: arguments, environment)
        }
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        ending = stream
        process.terminationHandler = {
            continuation.yield($0.terminationStatus)
            continuation.finish()
        }
        // A test that kills the program while it writes to it must not be killed itself.
        _ = Foundation.signal(SIGPIPE, SIG_IGN)
        try process.run()
    }

    func write(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    func closeInput() throws { try input.fileHandleForWriting.close() }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// The next line; `nil` when the program has closed its output.
    func line() async -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeFirst(end + 1) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            let handle = output.fileHandleForReading
            let chunk = await withCheckedContinuation { waiting in
                DispatchQueue.global().async { waiting.resume(returning: handle.availableData) }
            }
            guard !chunk.isEmpty else { return nil }
            buffer.append(contentsOf: chunk)
        }
    }

    /// The status with which it ended.
    func status() async -> Int32? {
        for await status in ending { return status }
        return nil
    }
}
