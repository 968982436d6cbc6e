import FoundationEssentials

/// The files of the checkout that tests read: the contracts with their samples, and the demonstrations.
public enum ProjectFiles {
    /// The root of the checkout, four levels above this file.
    public static let root = directory(above: #filePath, levels: 4)

    /// Our own workflows, as the demonstration imports them.
    public static let demonstrations = path("Schemas/demo/workflows")

    /// What lies at `path` below the root.
    public static func path(_ path: String) -> String { root + "/" + path }

    /// The schemas and samples of a category's events.
    public static func eventSchemas(of category: String) -> String { path("Schemas/events/" + category) }

    /// What lies at `path` beside the checkout and is no part of the project: tests do without it where it is not there.
    public static func besideCheckout(_ path: String) -> String { directory(above: root, levels: 1) + "/" + path }

    /// The content of the file at `path`, which is a whole path.
    public static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

    /// The names of what is in the directory at the whole path `directory`, sorted.
    public static func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    /// Whether there is a file or a directory at the whole path `path`.
    public static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private static func directory(above path: String, levels: Int) -> String {
        "/" + path.split(separator: "/").dropLast(levels).joined(separator: "/")
    }
}
