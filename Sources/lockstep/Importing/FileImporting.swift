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
        var taken = TakenWorkflows()
        let progress = ImportProgress(total: paths.count, isShown: !asJSON && StandardError.isTerminal)
        for path in paths {
            try Task.checkCancellation()
            progress.show(answers.count, path)
            for answer in try await self.answers(path, &taken) {
                if asJSON {
                    StandardOutput.shared.write(answer.json)
                    try StandardOutput.shared.flushOrStop()
                }
                answers.append(answer)
            }
        }
        progress.clear()
        if !asJSON { ImportTable.show(answers) }
        return answers.allSatisfy(\.isYes)
    }

    /// One answer for a file, one for each workflow of an archive.
    private func answers(_ path: String, _ taken: inout TakenWorkflows) async throws -> [ImportAnswer] {
        let sources: WorkflowSources
        do throws(FileFlaw) {
            sources = try path == "-" ? StandardInput.sources() : WorkflowFiles.sources(at: path)
        } catch {
            return [ImportAnswer(file: path, result: .failure(.file(error)))]
        }
        var answers: [ImportAnswer] = []
        for reading in WorkflowSource.readings(of: sources, chosenID: chosenID, taken: &taken) {
            let remark = answers.isEmpty ? sources.remark : nil
            answers.append(
                ImportAnswer(file: reading.name, result: try await importOne(reading), archiveRemark: remark))
        }
        return answers
    }

    private func importOne(_ reading: WorkflowSourceReading) async throws -> Result<WorkflowImport, ImportError> {
        do throws(ImportError) {
            return .success(try await importer.run(try reading.result.get()))
        } catch {
            // What is wrong with the log, or with the wish to go on, is not the file's fault.
            if case .store(let fault) = error {
                guard case .refused = fault else { throw fault }
            }
            return .failure(error)
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
