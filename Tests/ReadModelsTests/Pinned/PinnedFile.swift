import FoundationEssentials
import Testing

/// A file in the repository that follows from the code. A test holds it to the code; with `LOCKSTEP_REGENERATE=1` in the environment the test
/// writes it instead.
struct PinnedFile {
    let path: String

    static let isRegenerating = ProcessInfo.processInfo.environment["LOCKSTEP_REGENERATE"] == "1"
    private static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

    private var url: URL { URL(filePath: "\(Self.root)/\(path)") }

    /// What is in the file; empty when there is none.
    func text() -> String { (try? Data(contentsOf: url)).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// Holds the file to `wanted`.
    func hold(to wanted: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        if Self.isRegenerating { return try Data(wanted.utf8).write(to: url) }
        #expect(
            text() == wanted,
            "\(path) does not follow from the code any more: run `LOCKSTEP_REGENERATE=1 swift test --filter Pinned` and look at what changed",
            sourceLocation: sourceLocation)
    }
}
