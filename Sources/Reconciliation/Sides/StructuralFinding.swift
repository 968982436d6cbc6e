import EventModel
import JourneyDomain
import WorkflowDomain

/// Something about the two sides of an execution as wholes: one is missing, there is one too many, or they do not go by the same mapping. As long as it is
/// so, their fields cannot be compared, or not all of them.
public struct StructuralFinding: Equatable, Sendable {
    /// What it is. The names are stable.
    public enum Kind: String, Sendable, CaseIterable {
        /// The execution has come to a block that a conversation is to walk, and has no session.
        case missingSession = "missing_session"
        /// A session walks for an execution of which nothing was heard.
        case missingExecution = "missing_execution"
        /// Another session claims the execution, too.
        case surplusSession = "surplus_session"
        /// The session goes by another mapping than the execution has pinned, or by another version of it.
        case staleMapping = "stale_mapping"
        /// The execution has pinned no mapping, so the steps of its session cannot be compared.
        case unpinned
    }

    /// What it is.
    public let kind: Kind
    /// The block that the execution has come to; of a missing session only.
    public let block: ElementID?
    /// Whether it waits there for a person; of a missing session only.
    public let isWaiting: Bool
    /// The sessions that it is about, as their engines name them.
    public let sessions: [String]
    /// The mapping that the execution has pinned, if it has.
    public let pinned: MappingPin?
    /// The mapping that the session is bound by, if it names one.
    public let bound: MappingReference?

    init(
        _ kind: Kind, block: ElementID? = nil, isWaiting: Bool = false, sessions: [String] = [],
        pinned: MappingPin? = nil, bound: MappingReference? = nil
    ) {
        self.kind = kind
        self.block = block
        self.isWaiting = isWaiting
        self.sessions = sessions
        self.pinned = pinned
        self.bound = bound
    }
}

extension StructuralFinding: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch kind {
        case .missingSession:
            "the execution \(isWaiting ? "waits for a person at" : "has come to") block \(block.map(\.text) ?? "?"), and no session walks for it: bind one"
        case .missingExecution:
            "session \(named) walks for an execution of which nothing was heard: report the execution, or close the session"
        case .surplusSession: "session \(named) claims an execution that another session walks for: close one of them"
        case .staleMapping:
            "session \(named) is bound by \(Self.told(bound.map { ($0.id, $0.version) })), the execution goes by \(Self.told(pinned.map { ($0.mapping, $0.version) })): bind the session anew"
        case .unpinned:
            "the execution began while no mapping was active, so the steps of session \(named) cannot be compared"
        }
    }

    private var named: String { sessions.isEmpty ? "?" : sessions.joined(separator: ", ") }

    private static func told(_ mapping: (id: String, version: Int)?) -> String {
        mapping.map { "mapping \($0.id) version \($0.version)" } ?? "no mapping"
    }
}

/// The comparison of the sides as wholes, before their fields are compared.
public enum Structure {
    /// What is wrong with the two sides as wholes, in the order of ``StructuralFinding/Kind``. A pure function of what it is given.
    ///
    /// What is over misses nothing: an execution that has ended needs no session, and a session that has ended no execution, nor a mapping. A session that
    /// outlives its execution is none of these; the comparison of `status` tells it.
    ///
    /// - Parameter names: the mapping that the execution pinned; without it nobody knows which blocks a conversation walks.
    public static func findings(
        workflow: WorkflowSide, journey: JourneySide, names: MappedNames?
    ) -> [StructuralFinding] {
        let owner = journey.sessions.first.map { [$0.id] } ?? []
        var findings: [StructuralFinding] = []
        if let missing = missingSession(workflow, journey, names) { findings.append(missing) }
        let isOpen = journey.hasSession && !journey.isOver
        if isOpen, workflow.execution == nil {
            findings.append(StructuralFinding(.missingExecution, sessions: owner, bound: journey.mapping))
        }
        let others = journey.sessions.dropFirst().map(\.id)
        if !others.isEmpty { findings.append(StructuralFinding(.surplusSession, sessions: others)) }
        guard isOpen, !workflow.isOver, workflow.hasStarted else { return findings }
        guard let pin = workflow.pin else {
            return findings + [StructuralFinding(.unpinned, sessions: owner, bound: journey.mapping)]
        }
        if let bound = journey.mapping, bound.id != pin.mapping || bound.version != pin.version {
            findings.append(StructuralFinding(.staleMapping, sessions: owner, pinned: pin, bound: bound))
        }
        return findings
    }

    /// The block at which it waits for a person, else the one of those that it is at or has passed which was heard of last.
    private static func missingSession(
        _ workflow: WorkflowSide, _ journey: JourneySide, _ names: MappedNames?
    ) -> StructuralFinding? {
        guard let pin = workflow.pin, let names, !workflow.isOver, !journey.hasSession else { return nil }
        func isMapped(_ block: ElementID) -> Bool { !names.states(of: block).isEmpty }
        if let block = workflow.waitsAt, isMapped(block) {
            return StructuralFinding(.missingSession, block: block, isWaiting: true, pinned: pin)
        }
        let stood = workflow.claims.all.filter { claim in
            guard claim.path.root == .steps, claim.value != .step(.skipped) else { return false }
            return claim.path.names.first.map(isMapped) ?? false
        }
        let last = stood.max { $0.origin.position < $1.origin.position }
        return last?.path.names.first.map { StructuralFinding(.missingSession, block: $0, pinned: pin) }
    }
}
