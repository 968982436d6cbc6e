import EventModel
import EventSourcing
import FoundationEssentials
import WorkflowDomain

/// One thing that is said about one workflow of the log.
struct WorkflowDirection: Sendable {
    let id: String
    let workspace: Workspace
    let actor: String?

    /// - Throws: a fault of the log, and an id that cannot be one. A refusal of the domain is an answer.
    func run(_ command: WorkflowDecider.Command, in store: some EventStore) async throws -> WorkflowDirectionAnswer {
        let stream: StreamName
        do throws(NameFlaw) {
            stream = try StreamName(category: Category(WorkflowEvent.category), key: id)
        } catch {
            throw Failure(.usage, describing: error.description, otherwise: "check the id")
        }
        let context = CommandContext(id: UUID(), time: SystemTimekeeper().now(), actor: actor)
        let handler = CommandHandler<WorkflowDecider, _>(store, workspace: workspace)
        do throws(CommandError<WorkflowDecider.Rejection>) {
            let handled = try await handler.handle(StreamCommand(command, to: stream, context))
            return WorkflowDirectionAnswer(id: id, stream: stream, result: .success(handled))
        } catch {
            switch error {
            case .rejected(let rejection):
                return WorkflowDirectionAnswer(id: id, stream: stream, result: .failure(rejection))
            case .store(let fault): throw fault
            case .contended: throw Failure(.no, describing: error.description, otherwise: "try again")
            case .unreadable:
                throw Failure(.environment, describing: error.description, otherwise: "install a later version")
            }
        }
    }
}

/// What came of it.
struct WorkflowDirectionAnswer: Sendable {
    let id: String
    let stream: StreamName
    let result: Result<HandledCommand<WorkflowDecider>, WorkflowDecider.Rejection>

    var isYes: Bool { if case .success = result { true } else { false } }

    private var outcome: String {
        switch result {
        case .success(let handled): handled.outcome.events.isEmpty ? "unchanged" : "changed"
        case .failure: "refused"
        }
    }

    private var event: String? { (try? result.get())?.outcome.events.first?.type.rawValue }

    private var workflow: CurrentWorkflow? {
        guard case .present(let workflow)? = (try? result.get())?.state else { return nil }
        return workflow
    }

    private var failure: Failure? {
        guard case .failure(let rejection) = result else { return nil }
        return Failure(.no, describing: rejection.description, otherwise: "look at it with `lockstep export workflow`")
    }

    /// One object with the same keys for every outcome, `null` where one has no meaning.
    var json: [UInt8] {
        Answers.line { object in
            let handled = try? result.get()
            object.member("workflow_id", id)
            object.member("outcome", outcome)
            object.member("event", event)
            object.member("stream", stream.rawValue)
            object.member("version", handled?.version?.rawValue)
            object.member("position", handled?.position?.rawValue)
            object.member("revision", workflow?.revision)
            object.member("digest", workflow?.digest.hexadecimal)
            object.member("name", workflow?.definition.metadata["name"]?.string)
            object.member("published_revision", workflow?.publication?.revision)
            object.member("label", workflow?.publication?.label)
            object.key("archived")
            if let workflow { object.bool(workflow.isArchived) } else { object.null() }
            object.member("error", failure)
        }
    }

    func show() {
        let style = Style.output
        var table = Table([
            ("OUTCOME", .left), ("WORKFLOW", .left), ("EVENT", .left), ("REVISION", .right), ("PUBLISHED", .right),
            ("ARCHIVED", .left), ("VERSION", .right), ("POSITION", .right),
        ])
        let handled = try? result.get()
        let paint = !isYes ? style.bad : event == nil ? style.faint : style.good
        let revision: String = workflow.map { "\($0.revision)" } ?? "-"
        let published: String = workflow?.publication.map { "\($0.revision)" } ?? "-"
        let archived: String = workflow.map { $0.isArchived ? "yes" : "no" } ?? "-"
        let version: String = handled?.version.map { "\($0)" } ?? "-"
        let position: String = handled?.position.map { "\($0)" } ?? "-"
        let texts: [String] = [id, event ?? "-", revision, published, archived, version, position]
        var cells: [Table.Cell] = [.init(text: outcome, paint: paint)]
        for text in texts { cells.append(.init(text: text)) }
        table.add(cells)
        table.print()
        guard let failure else { return }
        StandardOutput.shared.write("\n\(style.bad("✗")) \(Table.printable(failure.error))")
        StandardOutput.shared.write("  \(style.faint("next:")) \(Table.printable(failure.hint))")
    }
}
