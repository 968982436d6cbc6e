import Foundation
import Ingest
import Testing
import WorkflowDomain

@Suite("Files of workflows") struct WorkflowFilesTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: directory + "/sub/.hidden", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    private func write(_ path: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    @Test func `a directory is its workflow files by path, hidden ones and links upwards left out`() throws {
        try withDirectory { directory in
            for name in ["b.json", "a.yaml", "sub/c.YML", "sub/.hidden/d.json", ".e.json", "notes.txt"] {
                try write("\(directory)/\(name)", [0x7b, 0x7d])
            }
            try FileManager.default.createSymbolicLink(atPath: directory + "/sub/up", withDestinationPath: directory)
            let found = WorkflowFiles.expand([directory]).map { $0.dropFirst(directory.count + 1) }
            #expect(found == ["a.yaml", "b.json", "sub/c.YML"])
            #expect(WorkflowFiles.expand(["/nowhere/x.json"]) == ["/nowhere/x.json"])
        }
    }

    @Test func `every way in which a file cannot be read has its own name`() throws {
        try withDirectory { directory in
            try write(directory + "/empty.json", [])
            try write(directory + "/binary.json", [0xff, 0xfe, 0x00])
            try write(directory + "/large.json", [UInt8](repeating: 0x20, count: WorkflowLimits.fileBytes + 1))
            try write(directory + "/good.json", [0x7b, 0x7d])
            try FileManager.default.createSymbolicLink(
                atPath: directory + "/link.json", withDestinationPath: "good.json")
            #expect(throws: FileFlaw.missing) { try WorkflowFiles.read(directory + "/none.json") }
            #expect(throws: FileFlaw.directory) { try WorkflowFiles.read(directory) }
            #expect(throws: FileFlaw.special) { try WorkflowFiles.read("/dev/null") }
            #expect(throws: FileFlaw.empty) { try WorkflowFiles.read(directory + "/empty.json") }
            #expect(throws: FileFlaw.notText) { try WorkflowFiles.read(directory + "/binary.json") }
            #expect(throws: FileFlaw.tooLarge(bytes: WorkflowLimits.fileBytes + 1, limit: WorkflowLimits.fileBytes)) {
                try WorkflowFiles.read(directory + "/large.json")
            }
            #expect(try WorkflowFiles.read(directory + "/good.json") == [0x7b, 0x7d])
            #expect(try WorkflowFiles.read(directory + "/link.json") == [0x7b, 0x7d])
        }
    }
}
