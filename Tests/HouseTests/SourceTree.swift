import Foundation

/// The repository's own files, read as text.
struct SourceTree {
    struct File {
        /// Relative to the repository.
        let path: String
        let text: String

        var name: String { path.split(separator: "/").last.map(String.init) ?? path }

        var imports: [String] {
            text.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ").map(String.init)
                guard let at = words.firstIndex(of: "import"), at + 1 < words.count,
                    words[..<at].allSatisfy({
                        $0.hasPrefix("@") || ["public", "internal", "package", "private"].contains($0)
                    })
                else { return nil }
                return words[at + 1].split(separator: ".").first.map(String.init)
            }
        }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func swiftFiles(in folder: String) throws -> [File] {
        try files(in: folder).filter { $0.hasSuffix(".swift") }.map { path in
            File(path: path, text: try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8))
        }
    }

    static func files(in folder: String) throws -> [String] {
        let base = root.appendingPathComponent(folder)
        let walk = FileManager.default.enumerator(atPath: base.path)
        var found: [String] = []
        while let path = walk?.nextObject() as? String { found.append("\(folder)/\(path)") }
        return found.sorted()
    }

    static func targets(in folder: String = "Sources") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)
            .filter { !$0.hasPrefix(".") }.sorted()
    }
}
