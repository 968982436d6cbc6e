import EventModel

/// A workflow as its events have left it.
public struct CurrentWorkflow: Equatable, Sendable {
    /// The definition.
    public private(set) var definition: WorkflowDefinition
    /// Its digest, as the events say: where values are hidden, still that of the plain definition.
    public private(set) var digest: ContentDigest
    /// Its number: 1 for the import, one more for each change.
    public private(set) var revision: Int
    /// The format that it was last imported from.
    public private(set) var format: WorkflowFormat
    /// Whether it was put away.
    public private(set) var isArchived = false
    /// The revision that runs, if one does.
    public private(set) var publication: WorkflowPublication?

    init(_ content: WorkflowContent, revision: Int) {
        definition = content.definition
        digest = content.digest
        format = content.format
        self.revision = revision
    }

    mutating func evolve(_ event: WorkflowEvent) {
        switch event {
        case .imported, .originalKept: break
        case .revised(let event):
            become(event.content.definition, event.content.digest, event.revision)
            format = event.content.format
        case .edited(let event): become(definition.applying(event.change), event.digest, event.revision)
        case .replaced(let event): become(event.definition, event.digest, event.revision)
        case .published(let event): publication = event
        case .unpublished: publication = nil
        case .archived: isArchived = true
        case .restored: isArchived = false
        }
    }

    private mutating func become(_ definition: WorkflowDefinition, _ digest: ContentDigest, _ revision: Int) {
        self.definition = definition
        self.digest = digest
        self.revision = revision
    }
}

// MARK: Decisions

extension CurrentWorkflow {
    func rename(_ name: String) throws(WorkflowDecider.Rejection) -> [WorkflowEvent] {
        let bytes = name.utf8.count
        guard (1...WorkflowLimits.nameBytes).contains(bytes) else {
            throw .illegalName(bytes: bytes, limit: WorkflowLimits.nameBytes)
        }
        guard definition.metadata["name"] != .string(name) else { return [] }
        try refuseArchived()
        return try edited(.renamed(name))
    }

    func edit(_ edit: WorkflowEdit) throws(WorkflowDecider.Rejection) -> [WorkflowEvent] {
        let change: WorkflowChange?
        do throws(EditRejection) {
            change = try WorkflowEditor(definition).change(for: edit)
        } catch {
            try refuseArchived()
            throw .edit(error)
        }
        guard let change else { return [] }
        try refuseArchived()
        return try edited(change)
    }

    func replace(by wanted: WorkflowDefinition) throws(WorkflowDecider.Rejection) -> [WorkflowEvent] {
        let digest = try WorkflowDecider.checked(wanted)
        guard !holds(digest) else { return [] }
        try refuseArchived()
        return [
            .replaced(
                WorkflowReplaced(
                    definition: wanted, revision: revision + 1, digest: digest, previousDigest: self.digest,
                    changes: WorkflowDifference(from: definition, to: wanted)))
        ]
    }

    func publish(_ label: String?) throws(WorkflowDecider.Rejection) -> [WorkflowEvent] {
        let bytes = label?.utf8.count ?? 1
        guard (1...WorkflowLimits.labelBytes).contains(bytes) else {
            throw .illegalLabel(bytes: bytes, limit: WorkflowLimits.labelBytes)
        }
        let wanted = WorkflowPublication(revision: revision, digest: digest, label: label)
        guard publication != wanted else { return [] }
        try refuseArchived()
        return [.published(wanted)]
    }

    func unpublish() -> [WorkflowEvent] { publication == nil ? [] : [.unpublished(revision: revision)] }

    func archive() -> [WorkflowEvent] { isArchived ? [] : [.archived(revision: revision)] }

    func restore() -> [WorkflowEvent] { isArchived ? [.restored(revision: revision)] : [] }

    /// Whether this is the content with that digest, with all that belongs to it. A digest outlives the erasure of values; bringing the same
    /// content once more stores them anew. What is only sealed for this reader is there.
    fileprivate func holds(_ digest: ContentDigest) -> Bool { self.digest == digest && !definition.hasErasedValues }

    private func refuseArchived() throws(WorkflowDecider.Rejection) {
        guard !isArchived else { throw .archived }
    }

    /// One event for one change, with the digest of what comes of it.
    private func edited(_ change: WorkflowChange) throws(WorkflowDecider.Rejection) -> [WorkflowEvent] {
        let after = definition.applying(change)
        guard after != definition else { return [] }
        let bytes = change.storedBytes
        guard bytes <= WorkflowLimits.definitionBytes else {
            throw .editTooLarge(bytes: bytes, limit: WorkflowLimits.definitionBytes)
        }
        let digest = try WorkflowDecider.checked(after)
        return [
            .edited(WorkflowEdited(change: change, revision: revision + 1, digest: digest, counts: after.counts))
        ]
    }
}

extension WorkflowDecider {
    /// The digest of a definition that may be stored.
    static func checked(_ definition: WorkflowDefinition) throws(Rejection) -> ContentDigest {
        if let hidden = definition.hiddenValues.first { throw .hiddenValue(hidden) }
        let bytes = definition.storedBytes
        guard bytes <= WorkflowLimits.definitionBytes else {
            throw .definitionTooLarge(bytes: bytes, limit: WorkflowLimits.definitionBytes)
        }
        return definition.digest
    }

    /// The decision about an import.
    struct Import {
        let content: WorkflowContent
        let original: [UInt8]?

        /// `imported` for the first definition, `revised` for a different one and for one whose values were erased since, nothing for the same
        /// content again, whatever file and format it comes from. What is left of the file's bytes follows in the same append.
        func decide(_ state: State) throws(Rejection) -> [WorkflowEvent] {
            let actual = try WorkflowDecider.checked(content.definition)
            guard content.digest == actual else { throw .digestMismatch(claimed: content.digest, actual: actual) }
            guard case .present(let present) = state else {
                let (content, parts) = withOriginal(revision: 1)
                return [.imported(WorkflowImported(content: content))] + parts
            }
            guard !present.holds(content.digest) else { return [] }
            guard !present.isArchived else { throw .archived }
            let changes = WorkflowDifference(from: present.definition, to: content.definition)
            let (content, parts) = withOriginal(revision: present.revision + 1)
            let revised = WorkflowRevised(
                content: content, revision: present.revision + 1, previousDigest: present.digest, changes: changes)
            return [.revised(revised)] + parts
        }

        private func withOriginal(revision: Int) -> (WorkflowContent, [WorkflowEvent]) {
            guard let original, !original.isEmpty else { return (content, []) }
            // What an import may have, less the definition; the 64 KiB for what goes with it stay free.
            let room = WorkflowLimits.definitionBytes - content.definition.storedBytes
            let (file, parts) = WorkflowOriginal.keeping(original, room: room, revision: revision)
            let kept = WorkflowContent(
                definition: content.definition, format: content.format, digest: content.digest, source: content.source,
                original: file)
            return (kept, parts.map(WorkflowEvent.originalKept))
        }
    }
}

// MARK: Snapshots

extension WorkflowDecider.State: Snapshotable {
    /// `null`, or the workflow.
    public var snapshot: JSONValue {
        switch self {
        case .notImported: .null
        case .present(let workflow): workflow.snapshot
        }
    }

    /// Reads it back.
    public init(snapshot: PayloadReader) throws(EventFlaw) {
        self = snapshot.value.isNull ? .notImported : .present(try CurrentWorkflow(snapshot: snapshot))
    }
}

extension CurrentWorkflow: Snapshotable {
    /// An object.
    public var snapshot: JSONValue {
        .object(
            JSONObject(omittingNil: [
                "definition": definition.canonicalValue, "digest": digest.snapshot,
                "revision": .number(JSONNumber(revision)), "format": .string(format.rawValue),
                "archived": .bool(isArchived), "publication": publication?.value,
            ]))
    }

    /// Reads it back.
    public init(snapshot: PayloadReader) throws(EventFlaw) {
        let state = try snapshot.object("definition")
        do throws(WorkflowFormatError) {
            definition = try WorkflowDefinition(canonicalState: state)
        } catch {
            throw .unexpected(snapshot.path["definition"], value: error.description)
        }
        digest = try snapshot.digest("digest")
        revision = try snapshot.int("revision")
        format = try snapshot.choice("format")
        isArchived = try snapshot.bool("archived")
        publication = try snapshot.optionalNested("publication").map { reader throws(EventFlaw) in
            try WorkflowPublication(reader)
        }
    }
}
