import EventModel
import EventSourcing
import Ingest
import WorkflowDomain

/// Imports files one after the other and shows what became of each.
struct FileImporting<Store: EventStore>: Sendable {
    let importer: WorkflowImporter<Store>
    var chosenID: String?
    let asJSON: Bool

    /// - Returns: whether every file is in the log now.
    /// - Throws: a fault of the log, which would refuse every file alike; files before it are answered.
    func run(_ paths: [String]) async throws -> Bool {
        var answers: [ImportAnswer] = []
        let progress = ImportProgress(total: paths.count, isShown: !asJSON && StandardError.isTerminal)
        for path in paths {
            try Task.checkCancellation()
            progress.show(answers.count, path)
            let answer = try await answer(path)
            if asJSON {
                StandardOutput.shared.write(answer.json)
                try StandardOutput.shared.flushOrStop()
            }
            answers.append(answer)
        }
        progress.clear()
        if !asJSON { ImportTable.show(answers) }
        return answers.allSatisfy(\.isYes)
    }

    private func answer(_ path: String) async throws -> ImportAnswer {
        do throws(ImportError) {
            return ImportAnswer(file: path, result: .success(try await importFile(path)))
        } catch {
            // What is wrong with the log, or with the wish to go on, is not the file's fault.
            if case .store(let fault) = error {
                guard case .refused = fault else { throw fault }
            }
            return ImportAnswer(file: path, result: .failure(error))
        }
    }

    private func importFile(_ path: String) async throws(ImportError) -> WorkflowImport {
        let bytes: [UInt8]
        do throws(FileFlaw) { bytes = try WorkflowFiles.read(path) } catch { throw .file(error) }
        return try await importer.run(try Self.read(bytes, path, chosenID))
    }

    private static func read(_ bytes: [UInt8], _ path: String, _ id: String?) throws(ImportError) -> WorkflowReading {
        do throws(WorkflowFormatError) {
            return try WorkflowFile.read(bytes, name: path, chosenID: id)
        } catch {
            throw .format(error)
        }
    }
}

/// Which file is being imported, on a terminal.
struct ImportProgress: Sendable {
    let total: Int
    let isShown: Bool

    func show(_ done: Int, _ path: String) {
        guard isShown, total > 1 else { return }
        let name = Table.printable(String(path.suffix(60)))
        StandardError.writePart("\r\u{1b}[2K\(done)/\(total)  \(name)")
    }

    func clear() {
        guard isShown, total > 1 else { return }
        StandardError.writePart("\r\u{1b}[2K")
    }
}
