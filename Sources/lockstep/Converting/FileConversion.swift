import Conversion
import Converting
import EventModel
import EventSourcing
import Ingest
import JourneyDomain
import WorkflowDomain

/// Converts one file, stores what came of it where a database is named, and answers.
struct FileConversion: Sendable {
    let options: ConversionOptions

    func workflow(_ bytes: [UInt8], named path: String) async throws {
        let reading: WorkflowReading
        do throws(WorkflowFormatError) {
            reading = try WorkflowFile.read(bytes, name: path, chosenID: options.id)
        } catch {
            throw Failure(.no, describing: error.description, otherwise: "run `lockstep validate` for every finding")
        }
        let id = reading.id.text
        let plan = Result { () throws(ConversionPlan.Refusal) in
            try ConversionPlan.converting(
                reading.definition, id: id, toleratesErrors: options.tolerateErrors)
        }
        try await finish(plan, .toJourney, id: id, digest: reading.digest) { store, workspace in
            _ = try await WorkflowImporter(into: store, workspace: workspace, actor: options.actor).run(reading)
        }
    }

    func journey(_ path: String) async throws {
        let bytes = try InputFile.read(path)
        let reading: JourneyReading
        do throws(JourneyFormatError) {
            reading = try JourneyFile.read(bytes, name: path, chosenID: options.id)
        } catch {
            throw Failure(.no, describing: error.description, otherwise: "run `lockstep validate` for every finding")
        }
        let id = reading.id.text
        let plan = Result { () throws(ConversionPlan.Refusal) in
            try ConversionPlan.converting(
                reading.definition, id: id, toleratesErrors: options.tolerateErrors)
        }
        try await finish(plan, .toWorkflow, id: id, digest: reading.digest, source: reading.definition) {
            store, workspace in
            _ = try await JourneyImporter(into: store, workspace: workspace, actor: options.actor).run(reading)
        }
    }

    private func finish(
        _ plan: Result<ConversionPlan, ConversionPlan.Refusal>, _ direction: ConversionDirection, id: String,
        digest: ContentDigest, source: JourneyDefinition? = nil,
        importing: @escaping @Sendable (SealedLog, Workspace) async throws -> Void
    ) async throws {
        var answer = ConvertAnswer(direction: direction, id: id, digest: digest, plan: plan)
        if let settings = try await options.settings() {
            let workspace = try Workspace(option: options.workspace)
            answer.stored = try await store(settings, workspace, direction, id: id, importing)
        }
        if case .success(let plan) = plan, let form = options.to ?? (options.out == nil ? nil : .json) {
            let document = try ConversionDocument(plan.product, source: source).bytes(form)
            if let path = options.out {
                try OutputFile.write(document, to: path)
                answer.out = path
            } else if options.answer.json {
                answer.document = String(decoding: document, as: UTF8.self)
            } else {
                StandardOutput.shared.write(document)
                guard answer.isYes else { throw AnsweredNo() }
                return
            }
        }
        answer.show(asJSON: options.answer.json)
        guard answer.isYes else { throw AnsweredNo() }
    }

    private func store(
        _ settings: DatabaseSettings, _ workspace: Workspace, _ direction: ConversionDirection, id: String,
        _ importing: @escaping @Sendable (SealedLog, Workspace) async throws -> Void
    ) async throws -> Result<ConversionAnswer, ConversionFault> {
        let request = options.request(direction, of: id)
        let actor = options.actor
        return try await Interruption.cancels {
            try await OpenLog.forAppending(settings) { store in
                try await importing(store, workspace)
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
