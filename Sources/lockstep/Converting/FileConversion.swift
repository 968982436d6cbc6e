import Conversion
import Converting
import EventModel
import EventSourcing
import JourneyDomain
import WorkflowDomain

/// Converts one file, stores what came of it where a database is named, and answers.
struct FileConversion: Sendable {
    let options: ConversionOptions

    private static let everyFinding = "run `lockstep validate` for every finding"

    func workflow(_ bytes: [UInt8], named path: String) async throws {
        let reading: WorkflowReading
        do throws(WorkflowFormatError) {
            reading = try WorkflowFile.read(bytes, name: path, chosenID: options.id)
        } catch {
            throw Failure(unread: error, in: path)
        }
        try await convert(.workflow(reading))
    }

    func journey(_ path: String) async throws {
        let bytes = try InputFile.read(path)
        let reading: JourneyReading
        do throws(JourneyFormatError) {
            reading = try JourneyFile.read(bytes, name: path, chosenID: options.id)
        } catch {
            throw Failure(unread: error, in: path)
        }
        try await convert(.journey(reading))
    }

    private func convert(_ content: ConversionContent) async throws {
        if let path = options.out { try OutputFile.require(path) }
        let display = ConversionDisplay(isShown: !options.answer.json)
        let plan = plan(content, display)
        var answer = ConvertAnswer(direction: content.direction, id: content.id, digest: content.digest, plan: plan)
        defer { display.clear() }
        if let settings = try await options.settings() {
            answer.plan = plan.flatMap(\.storable)
            answer.stored = try await store(settings, try Workspace(option: options.workspace), content, display)
        }
        display.clear()
        if case .success(let plan) = answer.plan, let form = options.to ?? (options.out == nil ? nil : .json) {
            let document = try ConversionDocument(plan.product, of: content, isStored: answer.completed != nil)
                .bytes(form)
            if let path = options.out {
                try OutputFile.write(document + [UInt8(ascii: "\n")], to: path)
                answer.out = path
            } else if options.answer.json {
                answer.document = String(decoding: document, as: UTF8.self)
            } else {
                StandardOutput.shared.write(document)
                if let failure = answer.failure { throw failure }
                return
            }
        }
        answer.show(asJSON: options.answer.json)
        guard answer.isYes else { throw AnsweredNo() }
    }

    private func plan(
        _ content: ConversionContent, _ display: ConversionDisplay
    ) -> Result<ConversionPlan, ConversionPlan.Refusal> {
        Result { () throws(ConversionPlan.Refusal) in
            switch content {
            case .workflow(let reading):
                try ConversionPlan.converting(
                    reading.definition, id: content.id, scope: reading.format.scope,
                    toleratesErrors: options.tolerateErrors, observe: display.show)
            case .journey(let reading):
                try ConversionPlan.converting(
                    reading.definition, id: content.id, scope: .whole, toleratesErrors: options.tolerateErrors,
                    observe: display.show)
            }
        }
    }

    private func store(
        _ settings: DatabaseSettings, _ workspace: Workspace, _ content: ConversionContent,
        _ display: ConversionDisplay
    ) async throws -> Result<ConversionAnswer, ConversionFault> {
        let request = ConversionRequest(
            importing: content, toleratesErrors: options.tolerateErrors, replacesChanges: options.replaceChanges)
        let actor = options.actor
        return try await Interruption.cancels {
            try await OpenLog.forAppending(settings) { store in
                display.show("storing")
                do throws(ConversionFault) {
                    return .success(
                        try await ConversionService(store, workspace: workspace, actor: actor).run(request))
                } catch {
                    // What is wrong with the log is not an answer about the file.
                    if case .failed(let fault) = error { throw fault }
                    return .failure(error)
                }
            }
        }
    }
}

extension Workspace {
    /// The tenant that a command line names.
    init(option: String?) throws(Failure) {
        guard let option else {
            self = .default
            return
        }
        do throws(NameFlaw) {
            try self.init(option)
        } catch {
            throw Failure(.usage, error.description, hint: "choose another --workspace")
        }
    }
}
