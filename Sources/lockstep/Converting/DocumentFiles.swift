import FoundationEssentials
import Ingest

/// A file that a verb reads, or standard input.
enum InputFile {
    /// - Parameter path: a path, or `-`.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let hint = "check the path"
        do throws(FileFlaw) {
            return try path == "-" ? StandardInput.content() : WorkflowFiles.read(path)
        } catch {
            throw Failure(
                error.isAboutPath ? .usage : .no, describing: "\(path.isEmpty ? "\"\"" : path): \(error)",
                otherwise: hint)
        }
    }
}

extension FileFlaw {
    /// Whether there is nothing to read where the command line says, rather than something that cannot be used.
    fileprivate var isAboutPath: Bool {
        switch self {
        case .missing, .directory, .unlistable, .special, .unreadable: true
        case .empty, .tooLarge, .notText, .emptyArchive, .archive: false
        }
    }
}

/// A document that a verb writes.
enum OutputFile {
    /// Refuses a place where nothing can be written, before anything else is done: what is in the log by then would be there without its file.
    static func require(_ path: String) throws(Failure) {
        let place = path.lastIndex(of: "/").map { path[...$0] } ?? "."
        guard !path.isEmpty, isReplaceable(path), FileManager.default.isWritableFile(atPath: String(place)) else {
            throw refusal(path)
        }
    }

    /// Whether nothing is there, or a file: a directory, a device or a pipe would not be written to but replaced.
    private static func isReplaceable(_ path: String) -> Bool {
        func type(_ path: String) -> FileAttributeType? {
            (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
        }
        guard let found = type(path) else { return true }
        guard found == .typeSymbolicLink else { return found == .typeRegular }
        return type(URL(filePath: path).resolvingSymlinksInPath().path) == .typeRegular
    }

    private static func refusal(_ path: String) -> Failure {
        Failure(
            .environment, "\(path.isEmpty ? "\"\"" : Table.printable(path)) cannot be written",
            hint:
                "name a file in a directory that exists and may be written to, or leave --out away for standard output")
    }

    /// Writes `bytes`, and nothing else, beside the place and moves them there, so that a file that was there is replaced whole or not at all.
    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw refusal(path)
        }
    }
}
