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
            throw Failure(error.isAboutPath ? .usage : .no, describing: "\(path): \(error)", otherwise: hint)
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
    /// Writes `bytes`, and nothing else, beside the place and moves them there, so that a file that was there is replaced whole or not at all.
    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Failure(
                .environment, "\(Table.printable(path)) cannot be written",
                hint: "check that its directory exists and may be written to"
            )
        }
    }
}
