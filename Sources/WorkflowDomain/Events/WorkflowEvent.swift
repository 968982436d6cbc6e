import EventModel

/// What happens to a workflow's definition.
public enum WorkflowEvent: Equatable, Sendable {
    /// It was imported for the first time.
    case imported(WorkflowImported)
    /// A different definition was imported over it.
    case revised(WorkflowRevised)

    /// The category of the streams that these events are in.
    public static let category = "workflow"

    /// The stable name under which the event is stored.
    public var type: WorkflowEventType {
        switch self {
        case .imported: .imported
        case .revised: .revised
        }
    }

    /// What both events carry.
    public var content: WorkflowContent {
        switch self {
        case .imported(let event): event.content
        case .revised(let event): event.content
        }
    }
}

/// The stored names of the events, and the versions of their schemas that are written.
public enum WorkflowEventType: String, Sendable, CaseIterable {
    /// ``WorkflowEvent/imported(_:)``
    case imported = "workflow.imported"
    /// ``WorkflowEvent/revised(_:)``
    case revised = "workflow.revised"

    /// The version of the schema of what is written.
    public var schemaVersion: Int {
        switch self {
        case .imported, .revised: 1
        }
    }
}

/// A whole definition and where it came from.
public struct WorkflowContent: Equatable, Sendable {
    /// The workflow.
    public let definition: WorkflowDefinition
    /// The format of the file.
    public let format: WorkflowFormat
    /// The definition's digest, without volatile fields.
    public let digest: ContentDigest
    /// The base name of the file.
    public let sourceName: String

    /// The content of an event.
    public init(definition: WorkflowDefinition, format: WorkflowFormat, digest: ContentDigest, sourceName: String) {
        self.definition = definition
        self.format = format
        self.digest = digest
        self.sourceName = sourceName
    }
}

/// A workflow was imported for the first time: revision 1.
public struct WorkflowImported: Equatable, Sendable {
    /// What was imported.
    public let content: WorkflowContent

    /// The event.
    public init(content: WorkflowContent) { self.content = content }
}

/// A workflow was imported again and had changed.
public struct WorkflowRevised: Equatable, Sendable {
    /// What was imported.
    public let content: WorkflowContent
    /// Its number: 2 for the first revision.
    public let revision: Int
    /// The digest of the revision before.
    public let previousDigest: ContentDigest
    /// What became different.
    public let changes: WorkflowDifference

    /// The event.
    public init(content: WorkflowContent, revision: Int, previousDigest: ContentDigest, changes: WorkflowDifference) {
        self.content = content
        self.revision = revision
        self.previousDigest = previousDigest
        self.changes = changes
    }
}
