import EventSourcingTesting
import Foundation
import Testing

/// A PostgreSQL and a broker of this suite's own, which nobody else uses and which may therefore be killed.
struct PrivateServices: Sendable {
    enum Service: String, Sendable { case postgres, kafka }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    let checkout: URL
    let databaseURL: String
    let brokers: String
    private let directory: URL

    /// Where the checkout keeps what is not part of it.
    private static func directory(_ checkout: URL) -> URL {
        let home = ProcessInfo.processInfo.environment["LOCKSTEP_DIR"].map { URL(fileURLWithPath: $0) }
        return (home ?? checkout.appendingPathComponent(".lockstep")).appendingPathComponent("kill")
    }

    /// Starts both with empty data, after having ended what a killed run may have left behind.
    static func start() async throws -> PrivateServices {
        let checkout = URL(fileURLWithPath: ProjectFiles.root)
        let directory = directory(checkout)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        _ = try await tool(checkout, directory, ["stop", "--wipe", "--now"])
        let lines = try await tool(checkout, directory, ["start", "--broker", "noida"])
        return PrivateServices(
            checkout: checkout, databaseURL: try value("LOCKSTEP_DATABASE_URL", in: lines),
            brokers: try value("LOCKSTEP_KAFKA", in: lines), directory: directory)
    }

    private init(checkout: URL, databaseURL: String, brokers: String, directory: URL) {
        self.checkout = checkout
        self.databaseURL = databaseURL
        self.brokers = brokers
        self.directory = directory
    }

    /// Starts a service again, at the same address.
    func start(_ service: Service) async throws {
        let lines = try await Self.tool(checkout, directory, ["start", "--only", service.rawValue])
        let (name, before) =
            switch service {
            case .postgres: ("LOCKSTEP_DATABASE_URL", databaseURL)
            case .kafka: ("LOCKSTEP_KAFKA", brokers)
            }
        let address = try Self.value(name, in: lines)
        guard address == before else { throw Failed(description: "\(service) has moved; its port was taken") }
    }

    /// Ends both and removes their data. The broker would take its time for data that nobody wants any more.
    func stop() async throws {
        if let broker = try? process(of: .kafka) { kill(broker, SIGKILL) }
        _ = try await Self.tool(checkout, directory, ["stop", "--wipe", "--now"])
    }

    /// The process of a service, by the record of whoever started it.
    func process(of service: Service) throws -> Int32 {
        let name = service == .postgres ? "postgres.pid" : "broker.pid"
        let record = try String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
        guard let pid = record.split(separator: " ").first.flatMap({ Int32($0) }), pid > 1 else {
            throw Failed(description: "\(name) says \(record)")
        }
        return pid
    }

    /// A file for what a process says.
    func log(_ name: String) throws -> FileHandle {
        let file = directory.appendingPathComponent("\(name).log")
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        return handle
    }

    private static func tool(_ checkout: URL, _ directory: URL, _ arguments: [String]) async throws -> [String] {
        let output = Child.pipe()
        let log = directory.appendingPathComponent("services.log")
        if !FileManager.default.fileExists(atPath: log.path) {
            _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        }
        let errors = try FileHandle(forWritingTo: log)
        try errors.seekToEnd()
        let child = try Child(
            "/bin/bash",
            [checkout.appendingPathComponent("tools/services").path] + arguments + ["--dir", directory.path],
            environment: [:], output: .pipe(output), errors: .file(errors))
        var reader = OutputLines(output.fileHandleForReading)
        var lines: [String] = []
        while let line = await reader.next() { lines.append(line) }
        let status = await child.ended()
        guard status == 0 else {
            throw Failed(
                description: "tools/services \(arguments.joined(separator: " ")) ended with \(status); see \(log.path)")
        }
        return lines
    }

    private static func value(_ name: String, in lines: [String]) throws -> String {
        for line in lines where line.hasPrefix("export \(name)=") {
            return line.dropFirst("export \(name)=".count).trimmingCharacters(in: ["'"])
        }
        throw Failed(description: "tools/services did not say \(name)")
    }
}
