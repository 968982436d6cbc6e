import Foundation
import Testing

/// What live programs say of themselves, kept for as long as their test runs: a test that waits in vain tells it, because nothing else does.
enum ProgramLogs {
    /// What is told of each, in bytes: a log may be long, and its end says why it stands still.
    private static let told = 4096

    /// A new file for the log of a program that works on the environment's database.
    static func handle(of arguments: [String], _ environment: [String: String]) throws -> FileHandle {
        guard let directory = directory(environment) else { return .nullDevice }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let count = try FileManager.default.contentsOfDirectory(atPath: directory.path).count
        let file = directory.appendingPathComponent("\(count + 1) \(arguments.prefix(3).joined(separator: " "))")
        try Data().write(to: file)
        return try FileHandle(forWritingTo: file)
    }

    /// Reports what the programs on this database have said, each its end.
    static func tell(_ environment: [String: String]) {
        guard let directory = directory(environment),
            let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
        else { return }
        for name in names.sorted() {
            guard let said = try? Data(contentsOf: directory.appendingPathComponent(name)) else { continue }
            Issue.record("\(name) said at its end:\n\(String(decoding: said.suffix(told), as: UTF8.self))")
        }
    }

    /// Throws the logs away.
    static func discard(_ environment: [String: String]) {
        guard let directory = directory(environment) else { return }
        try? FileManager.default.removeItem(at: directory)
    }

    /// The directory of the environment's database; `nil` when the environment names none.
    private static func directory(_ environment: [String: String]) -> URL? {
        guard let url = environment["LOCKSTEP_DATABASE_URL"], let path = URLComponents(string: url)?.path,
            path.count > 1
        else { return nil }
        return FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-logs\(path)")
    }
}
