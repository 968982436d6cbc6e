import EventModel

/// The rule of a workflow's definition: what may be done with it, and that doing it twice changes nothing twice.
public enum WorkflowDecider: Decider {
    /// What is known of a workflow.
    public enum State: Equatable, Sendable {
        /// Nothing.
        case notImported
        /// Its definition and what has become of it.
        case present(CurrentWorkflow)
    }

    /// What may be asked.
    public enum Command: Equatable, Sendable {
        /// Make `definition` the workflow's definition. ``WorkflowReading/command`` builds this.
        ///
        /// `original` are the bytes of the file that it was read from, to be kept.
        case importDefinition(
            WorkflowDefinition, format: WorkflowFormat, digest: ContentDigest, sourceName: String, original: [UInt8]?)
        /// Give the workflow another name.
        case rename(String)
        /// Edit it.
        case edit(WorkflowEdit)
        /// Put another state in the place of the present one.
        case replaceState(WorkflowDefinition)
        /// Make the present revision the one that runs, under a label if there is one.
        case publish(label: String?)
        /// Let no revision run.
        case unpublish
        /// Put the workflow away: it can be read, and nothing else until it is restored.
        case archive
        /// Take it out again.
        case restore
    }

    /// What happens; see ``WorkflowEvent``.
    public typealias Event = WorkflowEvent

    /// Why a command is refused.
    public enum Rejection: Error, Equatable, Sendable {
        /// The command's digest is not that of its definition: they do not belong together.
        case digestMismatch(claimed: ContentDigest, actual: ContentDigest)
        /// The definition would not fit an event.
        case definitionTooLarge(bytes: Int, limit: Int)
        /// The edit would not fit an event.
        case editTooLarge(bytes: Int, limit: Int)
        /// There is no workflow yet.
        case notImported
        /// The workflow was put away.
        case archived
        /// Values are hidden from whoever decides, so the digest of what would come of it cannot be known; this is the first of them.
        case hiddenValue(JSONPath)
        /// The name is empty or too long.
        case illegalName(bytes: Int, limit: Int)
        /// The label is empty or too long.
        case illegalLabel(bytes: Int, limit: Int)
        /// The editor's rules refuse it.
        case edit(EditRejection)
    }

    /// Nothing has been imported.
    public static let initialState = State.notImported

    /// The state after one more event. An event of something that was never imported leaves it so.
    public static func evolve(_ state: State, _ event: Event) -> State {
        switch (event, state) {
        case (.imported(let event), _): return .present(CurrentWorkflow(event.content, revision: 1))
        case (.revised(let event), .notImported):
            return .present(CurrentWorkflow(event.content, revision: event.revision))
        case (_, .notImported): return state
        case (_, .present(var workflow)):
            workflow.evolve(event)
            return .present(workflow)
        }
    }

    /// The events that the command causes; `[]` when it has already taken effect.
    public static func decide(_ command: Command, _ state: State) throws(Rejection) -> [Event] {
        switch command {
        case .importDefinition(let definition, let format, let digest, let sourceName, let original):
            let content = WorkflowContent(
                definition: definition, format: format, digest: digest, source: .string(sourceName))
            return try Import(content: content, original: original).decide(state)
        case .rename(let name): return try present(state).rename(name)
        case .edit(let edit): return try present(state).edit(edit)
        case .replaceState(let definition): return try present(state).replace(by: definition)
        case .publish(let label): return try present(state).publish(label)
        case .unpublish: return try present(state).unpublish()
        case .archive: return try present(state).archive()
        case .restore: return try present(state).restore()
        }
    }

    private static func present(_ state: State) throws(Rejection) -> CurrentWorkflow {
        guard case .present(let workflow) = state else { throw .notImported }
        return workflow
    }
}

extension WorkflowDecider.Rejection: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .digestMismatch(let claimed, let actual):
            "the content has digest \(actual), not \(claimed); read it again"
        case .definitionTooLarge(let bytes, let limit):
            "the workflow has \(bytes) bytes as it is stored, and an event holds at most \(limit); split it with a workflow block"
        case .editTooLarge(let bytes, let limit):
            "the edit has \(bytes) bytes as it is stored, and an event holds at most \(limit); split it"
        case .notImported: "there is no such workflow; import it first"
        case .archived: "the workflow is archived; restore it first"
        case .hiddenValue(let path):
            "the value at \(path) is sealed or erased; act with the right to see it, or import anew"
        case .illegalName(let bytes, let limit): "the name has \(bytes) bytes; it must have 1 to \(limit)"
        case .illegalLabel(let bytes, let limit): "the label has \(bytes) bytes; it must have 1 to \(limit)"
        case .edit(let rejection): rejection.description
        }
    }
}
