import Conversion
import EventModel
import EventSourcing
import JourneyDomain
import Reconciliation
import Synchronization
import WorkflowDomain

/// The words of mappings that were read. Neither a version of a mapping nor the revision of a journey that it was made for ever changes, so both are read
/// once, and every process reads the same.
final class MappingMemory: Sendable {
    private struct Key: Hashable {
        let workspace: Workspace
        let pin: MappingPin
    }

    /// More than this many versions are not remembered at a time.
    private static let limit = 1_000
    private let known = Mutex<[Key: MappedNames]>([:])

    /// The words of the mapping that an execution has pinned; `nil` for none, or one that is not in the log.
    func names<Store: EventStore>(
        _ pin: MappingPin?, _ workspace: Workspace, _ joint: JointHandler<Store>
    ) async throws -> MappedNames? {
        guard let pin else { return nil }
        let key = Key(workspace: workspace, pin: pin)
        if let names = known.withLock({ $0[key] }) { return names }
        let stream = try StreamName(category: Category(MappingEvent.category), key: pin.mapping)
        let state = try await joint.state(of: stream, by: MappingDecider.self)
        guard let mapping = state.version(pin.version)?.mapping else { return nil }
        let graph = try await graph(of: mapping, joint)
        let names = MappedNames(mapping, graph: graph)
        // What the log does not hold it may hold later, and then for every process.
        guard graph != nil else { return names }
        known.withLock { known in
            if known.count >= Self.limit { known.removeAll() }
            known[key] = names
        }
        return names
    }

    /// Which state of the journey comes behind which in the revision that the mapping was made for, whatever became of it since; `nil` where that revision is
    /// not in the log, so that nobody knows.
    private func graph<Store: EventStore>(
        of mapping: Mapping, _ joint: JointHandler<Store>
    ) async throws -> JourneyGraph? {
        let stream = try StreamName(category: Category(JourneyEvent.category), key: mapping.journeyID)
        return try await joint.state(of: stream, by: JourneyRevisions.self).graphs[mapping.journeyDigest]
    }
}

extension MappedNames {
    /// The words of a mapping. A variable is known by its name. That is its key, or its key without the id that tells it from others of that name. Of
    /// several with one name none is known.
    init(_ mapping: Mapping, graph: JourneyGraph?) {
        var keys: [ElementID: String] = [:]
        var ambiguous: Set<ElementID> = []
        for context in mapping.contexts {
            let mark = "#\(context.variable.text)"
            let name = ElementID(context.key.hasSuffix(mark) ? String(context.key.dropLast(mark.count)) : context.key)
            if keys.updateValue(context.key, forKey: name) != nil { ambiguous.insert(name) }
        }
        for name in ambiguous { keys[name] = nil }
        self.init(
            workflowID: mapping.workflowID, journeyID: mapping.journeyID, states: mapping.statesByBlock, keys: keys,
            graph: graph)
    }
}
