import EventModel

/// The rule of a workflow's definition: an import is a fact only when it changes something.
public enum WorkflowDecider: Decider {
    /// What is known of a workflow.
    public enum State: Equatable, Sendable {
        /// Nothing.
        case notImported
        /// The latest revision; the first is 1.
        case imported(WorkflowContent, revision: Int)
    }

    /// What may be asked.
    public enum Command: Equatable, Sendable {
        /// Make `definition` the workflow's definition. ``WorkflowReading/command`` builds this.
        case importDefinition(
            WorkflowDefinition, format: WorkflowFormat, digest: ContentDigest, sourceName: String)
    }

    /// What happens; see ``WorkflowEvent``.
    public typealias Event = WorkflowEvent

    /// Why an import is refused.
    public enum Rejection: Error, Equatable, Sendable {
        /// The command's digest is not that of its definition: they do not belong together.
        case digestMismatch(claimed: ContentDigest, actual: ContentDigest)
        /// The canonical form would not fit an event.
        case definitionTooLarge(bytes: Int, limit: Int)
    }

    /// Nothing has been imported.
    public static let initialState = State.notImported

    /// The state after one more event.
    public static func evolve(_ state: State, _ event: Event) -> State {
        switch event {
        case .imported(let event): .imported(event.content, revision: 1)
        case .revised(let event): .imported(event.content, revision: event.revision)
        }
    }

    /// `imported` for the first definition, `revised` for a different one, nothing for the same content again, whatever file
    /// and format it comes from.
    public static func decide(_ command: Command, _ state: State) throws(Rejection) -> [Event] {
        switch command {
        case .importDefinition(let definition, let format, let digest, let sourceName):
            let content = WorkflowContent(
                definition: definition, format: format, digest: digest, sourceName: sourceName)
            try check(content)
            return decide(content, state)
        }
    }

    private static func check(_ content: WorkflowContent) throws(Rejection) {
        let actual = content.definition.digest
        guard content.digest == actual else { throw .digestMismatch(claimed: content.digest, actual: actual) }
        let bytes = content.definition.canonicalBytes().count
        guard bytes <= WorkflowLimits.definitionBytes else {
            throw .definitionTooLarge(bytes: bytes, limit: WorkflowLimits.definitionBytes)
        }
    }

    private static func decide(_ content: WorkflowContent, _ state: State) -> [Event] {
        switch state {
        case .notImported: return [.imported(WorkflowImported(content: content))]
        case .imported(let present, _) where present.digest == content.digest: return []
        case .imported(let present, let revision):
            let changes = WorkflowDifference(from: present.definition, to: content.definition)
            return [
                .revised(
                    WorkflowRevised(
                        content: content, revision: revision + 1, previousDigest: present.digest, changes: changes))
            ]
        }
    }
}
