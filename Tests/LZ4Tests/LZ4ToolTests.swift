import Foundation
import LZ4
import Testing

/// Both directions against the `lz4` command line tool. Skipped where the tool is not on PATH: the format is then still
/// covered by the round trips, only not by a second opinion.
@Suite("Interchange with the lz4 tool", .enabled(if: LZ4Tool.path != nil)) struct LZ4ToolTests {
    @Test(arguments: SampleContent.all)
    func `the tool reads our frames`(_ sample: SampleContent) throws {
        let content = sample.bytes
        #expect(try LZ4Tool.run(["-d", "-c"], LZ4Frame.compress(content)) == content)
    }

    @Test(
        arguments: SampleContent.all, [["-1"], ["-9", "-BX", "--content-size"], ["-B5", "-BD"], ["--no-frame-crc"]])
    func `we read the tool's frames`(_ sample: SampleContent, _ options: [String]) throws {
        let content = sample.bytes
        let frame = try LZ4Tool.run(options + ["-c"], content)
        #expect(try LZ4Frame.decompress(frame, limit: content.count) == content)
    }
}

enum LZ4Tool {
    static let path: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "")
        .split(separator: ":").map { "\($0)/lz4" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    struct Failed: Error { let status: Int32 }

    static func run(_ arguments: [String], _ input: [UInt8]) throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lz4-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appendingPathComponent("input")
        try Data(input).write(to: source)
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: path ?? "/usr/bin/lz4")
        process.arguments = arguments + [source.path]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
        return Array(bytes)
    }
}
