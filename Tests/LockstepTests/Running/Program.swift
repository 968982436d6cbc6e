import EventModel
import Foundation
import Testing

/// The built binary, run as a process of its own.
enum Program {
    /// What a run of the program came to.
    struct Outcome: Sendable {
        let status: Int32
        let out: String
        let err: String

        var lines: [String] { out.split(separator: "\n").map(String.init) }

        /// Each line as JSON.
        func objects() throws -> [JSONValue] { try lines.map { try JSONValue(text: $0, limits: .file) } }
    }

    /// Beside the bundle of these tests.
    static let path: String = {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return bundle.appendingPathComponent("lockstep").path
    }()

    static let databaseURL = ProcessInfo.processInfo.environment["LOCKSTEP_DATABASE_URL"]
    static let brokers = ProcessInfo.processInfo.environment["LOCKSTEP_KAFKA"]
    static var hasDatabase: Bool { databaseURL != nil }
    static var hasServices: Bool { databaseURL != nil && brokers != nil }

    /// Runs the program to its end. Output goes to files, so that no pipe can fill up.
    static func run(
        _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:]
    ) async throws -> Outcome {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let files = ["in", "out", "err"].map { directory.appendingPathComponent($0) }
        try Data(input).write(to: files[0])
        for file in files.dropFirst() { try Data().write(to: file) }
        let process = try process(arguments, environment)
        let handles = [
            try FileHandle(forReadingFrom: files[0]), try FileHandle(forWritingTo: files[1]),
            try FileHandle(forWritingTo: files[2]),
        ]
        // Foundation keeps them open for as long as it likes.
        defer { for handle in handles { try? handle.close() } }
        process.standardInput = handles[0]
        process.standardOutput = handles[1]
        process.standardError = handles[2]
        let status = try await ended(process)
        return Outcome(
            status: status, out: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
            err: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
    }

    /// A process that has not been started, without settings of whoever runs the tests.
    static func process(_ arguments: [String], _ environment: [String: String]) throws -> Foundation.Process {
        let process = Foundation.Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("LOCKSTEP_") }
        variables.merge(environment) { _, given in given }
        process.environment = variables
        return process
    }

    /// Starts a process and waits for its end.
    private static func ended(_ process: Foundation.Process) async throws -> Int32 {
        try await withCheckedThrowingContinuation { waiting in
            process.terminationHandler = { waiting.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch {
                process.terminationHandler = nil
                waiting.resume(throwing: error)
            }
        }
    }
}
