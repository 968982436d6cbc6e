import EventModel
import Ingest
import WorkflowDomain

/// What became of one file.
struct ImportAnswer: Sendable {
    let file: String
    let result: Result<WorkflowImport, ImportError>
    /// What is to be said of the archive that this is the first workflow of.
    var archiveRemark: String?

    var isYes: Bool { if case .success = result { true } else { false } }

    /// One object with the same keys for every outcome, `null` where one has no meaning.
    var json: [UInt8] {
        Answers.line { object in
            let done = try? result.get()
            object.member("file", file)
            object.member("format", done?.reading.format.rawValue ?? problemFormat)
            object.member("outcome", done?.outcome.rawValue ?? "refused")
            object.member("workflow_id", done?.reading.id.text)
            object.member("stream", done?.stream.rawValue)
            object.member("version", done?.version.rawValue)
            object.member("position", done?.position.rawValue)
            object.member("digest", done?.reading.digest.hexadecimal)
            object.member("blocks", done?.reading.definition.counts.blocks)
            object.member("edges", done?.reading.definition.counts.edges)
            object.key("warnings")
            object.array { list in
                if let archiveRemark { list.remark(archiveRemark) }
                for warning in done?.reading.warnings ?? [] { list.finding(warning) }
            }
            object.key("error")
            if case .failure(let error) = result { object.importError(error) } else { object.null() }
        }
    }

    /// The problems of a file have a format; other refusals come before that is known.
    private var problemFormat: String? {
        guard case .failure(.format(.problems(_, let format))) = result else { return nil }
        return format.rawValue
    }
}

extension JSONWriter {
    fileprivate mutating func finding(_ warning: WorkflowWarning) {
        beginObject()
        member("place", "\(warning.path)")
        member("problem", warning.statement)
        member("cure", nil as String?)
        endObject()
    }

    fileprivate mutating func remark(_ text: String) {
        beginObject()
        member("place", "$")
        member("problem", text)
        member("cure", nil as String?)
        endObject()
    }

    fileprivate mutating func importError(_ error: ImportError) {
        let failure = Failure(.no, describing: error.summary, otherwise: "correct the file and import it again")
        beginObject()
        member("error", failure.error)
        member("hint", failure.hint)
        key("problems")
        beginArray()
        for problem in error.problems {
            beginObject()
            member("place", "\(problem.path)")
            member("problem", problem.statement)
            member("cure", problem.cure)
            endObject()
        }
        endArray()
        endObject()
    }
}

extension ImportError {
    /// What is wrong with the content, in the file's own places.
    var problems: [WorkflowProblem] {
        guard case .format(.problems(let problems, _)) = self else { return [] }
        return problems
    }

    /// One sentence, then what to do.
    var summary: String {
        guard case .format(.problems(let problems, let format)) = self else { return description }
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return "the file is \(format.rawValue) with \(count); correct the places named and import it again"
    }
}
