import EventModel
import Foundation

/// A file of JSON lines that grows. A last line that was not finished, because its writer was killed, is taken back.
package struct LineFile: Sendable {
    private let handle: FileHandle

    /// Opens the file at `path`, or makes it.
    /// - Returns: the lines that are in it.
    package static func open(_ path: String) throws -> (LineFile, lines: [[UInt8]]) {
        if !FileManager.default.fileExists(atPath: path) {
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw LineFileFlaw(description: "\(path) cannot be made; is its folder there?")
            }
        }
        let handle = try FileHandle(forUpdating: URL(filePath: path))
        let bytes = [UInt8](try handle.readToEnd() ?? Data())
        let whole = (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        try handle.truncate(atOffset: UInt64(whole))
        try handle.seekToEnd()
        let lines = bytes[..<whole].split(separator: UInt8(ascii: "\n")).map { Array($0) }
        return (LineFile(handle: handle), lines)
    }

    /// What is written there is not kept.
    package static var standardOutput: LineFile { LineFile(handle: .standardOutput) }

    /// Adds a line for each of `values`.
    package func write(_ values: [JSONValue]) throws {
        guard !values.isEmpty else { return }
        var data = Data()
        for value in values {
            data.append(contentsOf: value.compactBytes())
            data.append(UInt8(ascii: "\n"))
        }
        try handle.write(contentsOf: data)
    }
}

/// Why a file of lines cannot be gone on with.
package struct LineFileFlaw: Error, CustomStringConvertible {
    /// What is wrong and what to do.
    package let description: String

    /// A flaw in words.
    package init(description: String) { self.description = description }
}
