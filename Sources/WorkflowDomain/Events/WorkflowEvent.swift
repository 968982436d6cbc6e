import EventModel

/// What happens to a workflow's definition.
///
/// Every event that changes the definition carries the revision and the digest after it, so that a reader without the right to see
/// personal values still knows whether two definitions are equal.
public enum WorkflowEvent: Equatable, Sendable {
    /// It was imported for the first time.
    case imported(WorkflowImported)
    /// A different definition was imported over it.
    case revised(WorkflowRevised)
    /// A part of an imported file that was too large to go with the import.
    case originalKept(WorkflowOriginal)
    /// Somebody edited it.
    case edited(WorkflowEdited)
    /// Somebody put another state in its place.
    case replaced(WorkflowReplaced)
    /// A revision was made the one that runs.
    case published(WorkflowPublication)
    /// No revision runs any more.
    case unpublished(revision: Int)
    /// It was put away.
    case archived(revision: Int)
    /// It was taken out again.
    case restored(revision: Int)
}

/// The stored names of the events, and the versions of their schemas that are written.
public enum WorkflowEventType: String, Sendable, CaseIterable {
    /// ``WorkflowEvent/imported(_:)``
    case imported = "workflow.imported"
    /// ``WorkflowEvent/revised(_:)``
    case revised = "workflow.revised"
    /// ``WorkflowEvent/originalKept(_:)``
    case originalKept = "workflow.original_kept"
    /// ``WorkflowChange/renamed(_:)``
    case renamed = "workflow.renamed"
    /// ``WorkflowChange/blocksAdded(_:)``
    case blockAdded = "workflow.block_added"
    /// ``WorkflowChange/blocksRemoved(_:edges:)``
    case blockRemoved = "workflow.block_removed"
    /// ``WorkflowChange/blocksMoved(_:)``
    case blockMoved = "workflow.block_moved"
    /// ``WorkflowChange/blockRenamed(_:name:)``
    case blockRenamed = "workflow.block_renamed"
    /// ``WorkflowChange/blocksEnabled(_:_:)`` with `true`
    case blockEnabled = "workflow.block_enabled"
    /// ``WorkflowChange/blocksEnabled(_:_:)`` with `false`
    case blockDisabled = "workflow.block_disabled"
    /// ``WorkflowChange/blocksLocked(_:_:)`` with `true`
    case blockLocked = "workflow.block_locked"
    /// ``WorkflowChange/blocksLocked(_:_:)`` with `false`
    case blockUnlocked = "workflow.block_unlocked"
    /// ``WorkflowChange/blocksReparented(_:removedEdges:)``
    case blockReparented = "workflow.block_reparented"
    /// ``WorkflowChange/blocksConfigured(_:)``
    case blockConfigured = "workflow.block_configured"
    /// ``WorkflowChange/subBlocksChanged(_:)``
    case subBlockChanged = "workflow.sub_block_changed"
    /// ``WorkflowChange/edgesAdded(_:)``
    case edgeAdded = "workflow.edge_added"
    /// ``WorkflowChange/edgesRemoved(_:)``
    case edgeRemoved = "workflow.edge_removed"
    /// ``WorkflowChange/subflowChanged(_:settings:data:)``
    case subflowChanged = "workflow.subflow_changed"
    /// ``WorkflowChange/variableSet(_:)``
    case variableSet = "workflow.variable_set"
    /// ``WorkflowChange/variableRemoved(_:)``
    case variableRemoved = "workflow.variable_removed"
    /// ``WorkflowEvent/replaced(_:)``
    case replaced = "workflow.replaced"
    /// ``WorkflowEvent/published(_:)``
    case published = "workflow.published"
    /// ``WorkflowEvent/unpublished(revision:)``
    case unpublished = "workflow.unpublished"
    /// ``WorkflowEvent/archived(revision:)``
    case archived = "workflow.archived"
    /// ``WorkflowEvent/restored(revision:)``
    case restored = "workflow.restored"

    /// The version of the schema of what is written; versions from 1 on are read.
    public var schemaVersion: Int32 {
        switch self {
        case .imported, .revised: 2
        case .originalKept, .renamed, .blockAdded, .blockRemoved, .blockMoved, .blockRenamed, .blockEnabled,
            .blockDisabled, .blockLocked, .blockUnlocked, .blockReparented, .blockConfigured, .subBlockChanged,
            .edgeAdded, .edgeRemoved, .subflowChanged, .variableSet, .variableRemoved, .replaced, .published,
            .unpublished, .archived, .restored:
            1
        }
    }
}

extension WorkflowEvent {
    /// The stored name of this event.
    public var eventType: WorkflowEventType {
        switch self {
        case .imported: .imported
        case .revised: .revised
        case .originalKept: .originalKept
        case .edited(let event): event.change.eventType
        case .replaced: .replaced
        case .published: .published
        case .unpublished: .unpublished
        case .archived: .archived
        case .restored: .restored
        }
    }

    /// The whole definition, if the event carries it: an import, a revision, a replacement.
    public var definition: WorkflowDefinition? {
        switch self {
        case .imported(let event): event.content.definition
        case .revised(let event): event.content.definition
        case .replaced(let event): event.definition
        case .originalKept, .edited, .published, .unpublished, .archived, .restored: nil
        }
    }

    /// The definition's digest after the event, if the event says it.
    public var digest: ContentDigest? {
        switch self {
        case .imported(let event): event.content.digest
        case .revised(let event): event.content.digest
        case .edited(let event): event.digest
        case .replaced(let event): event.digest
        case .published(let event): event.digest
        case .originalKept, .unpublished, .archived, .restored: nil
        }
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

/// A workflow was edited: one decision, one revision.
public struct WorkflowEdited: Equatable, Sendable {
    /// What became different.
    public let change: WorkflowChange
    /// The number of the definition after it.
    public let revision: Int
    /// The digest of the definition after it.
    public let digest: ContentDigest
    /// How many elements the definition has after it.
    public let counts: WorkflowCounts

    /// The event.
    public init(change: WorkflowChange, revision: Int, digest: ContentDigest, counts: WorkflowCounts) {
        self.change = change
        self.revision = revision
        self.digest = digest
        self.counts = counts
    }
}

/// Another state was put in the place of the workflow's.
public struct WorkflowReplaced: Equatable, Sendable {
    /// The definition after it.
    public let definition: WorkflowDefinition
    /// Its number.
    public let revision: Int
    /// Its digest.
    public let digest: ContentDigest
    /// The digest of the definition before.
    public let previousDigest: ContentDigest
    /// What became different.
    public let changes: WorkflowDifference

    /// The event.
    public init(
        definition: WorkflowDefinition, revision: Int, digest: ContentDigest, previousDigest: ContentDigest,
        changes: WorkflowDifference
    ) {
        self.definition = definition
        self.revision = revision
        self.digest = digest
        self.previousDigest = previousDigest
        self.changes = changes
    }
}

/// A revision that was made the one that runs.
public struct WorkflowPublication: Equatable, Sendable {
    /// Its number.
    public let revision: Int
    /// Its digest.
    public let digest: ContentDigest
    /// What people call the version, if they named it.
    public let label: String?

    /// The event.
    public init(revision: Int, digest: ContentDigest, label: String?) {
        self.revision = revision
        self.digest = digest
        self.label = label
    }
}
