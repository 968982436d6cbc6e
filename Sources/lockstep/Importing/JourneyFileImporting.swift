import Conversion
import EventModel
import EventSourcing
import Ingest
import JourneyDomain

/// Imports files of journeys one after the other and shows what became of each.
struct JourneyFileImporting<Store: EventStore>: Sendable {
    let importer: JourneyImporter<Store>
    var chosenID: String?
    let asJSON: Bool

    /// - Returns: whether every file is in the log now.
    /// - Throws: a fault of the log, which would refuse every file alike; files before it are answered.
    func run(_ paths: [String]) async throws -> Bool {
        var answers: [JourneyImportAnswer] = []
        var taken: [JourneyID: (file: String, digest: ContentDigest)] = [:]
        let progress = ImportProgress(total: paths.count, isShown: !asJSON && StandardError.isTerminal)
        for path in paths {
            try Task.checkCancellation()
            progress.show(answers.count, path)
            let answer = JourneyImportAnswer(file: path, result: try await importFile(path, &taken))
            if asJSON {
                StandardOutput.shared.write(answer.json)
                try StandardOutput.shared.flushOrStop()
            }
            answers.append(answer)
        }
        progress.clear()
        if !asJSON { JourneyImportAnswer.show(answers) }
        return answers.allSatisfy(\.isYes)
    }

    private func importFile(
        _ path: String, _ taken: inout [JourneyID: (file: String, digest: ContentDigest)]
    ) async throws -> Result<JourneyImport, JourneyImportError> {
        do throws(JourneyImportError) {
            let reading = try read(path)
            // It would be taken for a revision of the first, and importing both again would revise them again, without end.
            if let first = taken[reading.id], first.file != path || first.digest != reading.digest {
                throw .sameID(reading.id, as: first.file)
            }
            taken[reading.id] = (path, reading.digest)
            return .success(try await importer.run(reading))
        } catch {
            // What is wrong with the log is not the file's fault.
            if case .command(.store(let fault)) = error {
                guard case .refused = fault else { throw fault }
            }
            return .failure(error)
        }
    }

    private func read(_ path: String) throws(JourneyImportError) -> JourneyReading {
        let bytes: [UInt8]
        do throws(FileFlaw) {
            bytes = try path == "-" ? StandardInput.content() : WorkflowFiles.read(path)
        } catch {
            throw .file(error)
        }
        do throws(JourneyFormatError) {
            return try JourneyFile.read(bytes, name: path, chosenID: chosenID)
        } catch {
            throw .format(error)
        }
    }
}

/// What became of one file.
struct JourneyImportAnswer: Sendable {
    let file: String
    let result: Result<JourneyImport, JourneyImportError>

    var isYes: Bool { if case .success = result { true } else { false } }

    /// One object with the same keys for every outcome, `null` where one has no meaning.
    var json: [UInt8] {
        Answers.line { object in
            let done = try? result.get()
            object.member("file", file)
            object.member("format", done?.reading.format.rawValue)
            object.member("outcome", done?.outcome.rawValue ?? "refused")
            object.member("journey_id", done?.reading.id.text)
            object.member("stream", done?.stream.rawValue)
            object.member("version", done?.version.rawValue)
            object.member("position", done?.position.rawValue)
            object.member("digest", done?.reading.digest.hexadecimal)
            object.member("states", done?.reading.definition.states.count)
            object.member("transitions", done?.reading.definition.transitions.count)
            object.key("warnings")
            object.array { list in for warning in warnings { list.string(warning) } }
            object.member("error", failure)
        }
    }

    /// What is conspicuous and was imported all the same: what `validate` calls an error or a warning.
    private var warnings: [String] {
        guard let reading = (try? result.get())?.reading else { return [] }
        let ofFile = reading.warnings.filter(\.isOfFileOnly).map { ModelFinding($0) }
        let findings = ofFile + JourneyValidation.findings(of: reading.definition)
        return findings.filter { $0.severity != .remark }.map { "\($0.place): \($0.message)" }
    }

    private var failure: Failure? {
        guard case .failure(let error) = result else { return nil }
        if case .format(let flaw) = error {
            return Failure(unread: flaw)
        }
        return Failure(.no, describing: error.description, otherwise: "run `lockstep validate` for every finding")
    }

    static func show(_ answers: [JourneyImportAnswer]) {
        let style = Style.output
        var table = Table([
            ("OUTCOME", .left), ("JOURNEY", .left), ("VERSION", .right), ("POSITION", .right), ("STATES", .right),
            ("TRANSITIONS", .right), ("FORMAT", .left), ("FILE", .left),
        ])
        for answer in answers { table.add(answer.row(style)) }
        table.print()
        for answer in answers {
            guard let remark = (try? answer.result.get())?.original.remark else { continue }
            StandardOutput.shared.write("\n\(style.warning("!")) \(Table.printable(answer.file)): \(remark)")
        }
        for answer in answers where !answer.warnings.isEmpty { answer.describe(style) }
        for answer in answers {
            guard let failure = answer.failure else { continue }
            StandardOutput.shared.write("\n\(style.bad("✗")) \(Table.printable("\(answer.file): \(failure.error)"))")
            StandardOutput.shared.write("  \(style.faint("next:")) \(Table.printable(failure.hint))")
        }
    }

    /// Warnings of one file that are shown; --json shows all.
    private static let shownWarnings = 5

    private func describe(_ style: Style) {
        let count = warnings.count == 1 ? "1 remark" : "\(warnings.count) remarks"
        StandardOutput.shared.write("\n\(style.warning("!")) \(Table.printable(file)): \(count)")
        for warning in warnings.prefix(Self.shownWarnings) {
            StandardOutput.shared.write("  \(Table.printable(warning))")
        }
        let hidden = warnings.count - Self.shownWarnings
        if hidden > 0 { StandardOutput.shared.write("  … and \(hidden) more; --json lists all") }
    }

    private func row(_ style: Style) -> [Table.Cell] {
        guard case .success(let done) = result else {
            return [.init(text: "refused", paint: style.bad)] + Array(repeating: .init(text: "-"), count: 6)
                + [.init(text: file)]
        }
        let definition = done.reading.definition
        let texts = [
            done.reading.id.text, "\(done.version)", "\(done.position)", "\(definition.states.count)",
            "\(definition.transitions.count)", done.reading.format.rawValue, file,
        ]
        return [.init(text: done.outcome.rawValue, paint: done.outcome == .unchanged ? style.faint : style.good)]
            + texts.map { .init(text: $0) }
    }
}
