import EventModel

/// The rule of a workflow's mappings: versions rise, only a valid one becomes active, and only one is active at a time.
public enum MappingDecider: Decider {
    /// What is known of a workflow's mappings.
    public struct State: Equatable, Sendable {
        /// One version.
        public struct Version: Equatable, Sendable {
            /// What it maps.
            public let mapping: Mapping
            /// The mapping's digest.
            public let digest: ContentDigest
            /// What became of it.
            public internal(set) var status: Status
        }

        /// All versions; the first is version 1.
        public internal(set) var versions: [Version] = []
        /// The active version, if there is one.
        public internal(set) var active: Int?

        /// The version numbered `number`, from 1.
        public func version(_ number: Int) -> Version? {
            number >= 1 && number <= versions.count ? versions[number - 1] : nil
        }
    }

    /// What became of a version.
    public enum Status: Equatable, Sendable {
        /// It was made and not yet checked.
        case proposed
        /// It was checked, with so many problems; none means that it is valid.
        case validated(problems: Int)
        /// It must not be used any more.
        case retired
    }

    /// What may be asked.
    public enum Command: Equatable, Sendable {
        /// Make `mapping` the next version.
        case propose(Mapping)
        /// Note that a check of a version found so many problems.
        case validate(version: Int, problems: Int)
        /// Make a version the active one.
        case activate(version: Int)
        /// Use a version no more.
        case retire(version: Int)
    }

    /// What happens; see ``MappingEvent``.
    public typealias Event = MappingEvent

    /// Why a command is refused.
    public enum Rejection: Error, Equatable, Sendable {
        /// The canonical form would not fit an event.
        case mappingTooLarge(bytes: Int, limit: Int)
        /// The mapping is of another workflow than those before it.
        case otherWorkflow(String, expected: String)
        /// There is no such version.
        case unknownVersion(Int, latest: Int)
        /// The version has not been checked yet.
        case notValidated(version: Int)
        /// The check found problems.
        case invalid(version: Int, problems: Int)
        /// The version must not be used any more.
        case retired(version: Int)
        /// Less than no problem cannot be found.
        case negativeProblems(Int)
    }

    /// No version.
    public static let initialState = State()

    /// The state after one more event.
    public static func evolve(_ state: State, _ event: Event) -> State {
        var state = state
        switch event {
        case .proposed(let version, let mapping):
            guard version == state.versions.count + 1 else { return state }
            state.versions.append(State.Version(mapping: mapping, digest: mapping.digest, status: .proposed))
        case .validated(let version, _, let problems):
            guard state.version(version) != nil else { return state }
            state.versions[version - 1].status = .validated(problems: problems)
        case .activated(let version, _):
            guard state.version(version) != nil else { return state }
            state.active = version
        case .retired(let version, _):
            guard state.version(version) != nil else { return state }
            state.versions[version - 1].status = .retired
            if state.active == version { state.active = nil }
        }
        return state
    }

    /// Proposing the latest mapping again, repeating a check's outcome, activating the active version and retiring a retired one change nothing.
    public static func decide(_ command: Command, _ state: State) throws(Rejection) -> [Event] {
        switch command {
        case .propose(let mapping): return try propose(mapping, state)
        case .validate(let version, let problems): return try validate(version, problems: problems, state)
        case .activate(let version): return try activate(version, state)
        case .retire(let version):
            let known = try find(version, state)
            return known.status == .retired ? [] : [.retired(version: version, successor: nil)]
        }
    }

    private static func propose(_ mapping: Mapping, _ state: State) throws(Rejection) -> [Event] {
        if let latest = state.versions.last {
            guard latest.mapping.workflowID == mapping.workflowID else {
                throw .otherWorkflow(mapping.workflowID, expected: latest.mapping.workflowID)
            }
            if latest.mapping == mapping && latest.status != .retired { return [] }
        }
        let bytes = mapping.canonicalBytes().count
        guard bytes <= MappingLimits.bytes else { throw .mappingTooLarge(bytes: bytes, limit: MappingLimits.bytes) }
        return [.proposed(version: state.versions.count + 1, mapping: mapping)]
    }

    private static func validate(_ version: Int, problems: Int, _ state: State) throws(Rejection) -> [Event] {
        guard problems >= 0 else { throw .negativeProblems(problems) }
        let known = try find(version, state)
        switch known.status {
        case .retired: throw .retired(version: version)
        case .validated(problems): return []
        case .proposed, .validated: return [.validated(version: version, digest: known.digest, problems: problems)]
        }
    }

    private static func activate(_ version: Int, _ state: State) throws(Rejection) -> [Event] {
        let known = try find(version, state)
        guard state.active != version else { return [] }
        switch known.status {
        case .retired: throw .retired(version: version)
        case .proposed: throw .notValidated(version: version)
        case .validated(let problems) where problems > 0: throw .invalid(version: version, problems: problems)
        case .validated:
            let before = state.active.map { Event.retired(version: $0, successor: version) }
            return [before, .activated(version: version, digest: known.digest)].compactMap(\.self)
        }
    }

    private static func find(_ version: Int, _ state: State) throws(Rejection) -> State.Version {
        guard let known = state.version(version) else {
            throw .unknownVersion(version, latest: state.versions.count)
        }
        return known
    }
}

/// What a stored mapping takes at most.
public enum MappingLimits {
    /// Bytes of the canonical form. An event may have 1 MiB; 64 KiB are left for what goes with it.
    public static let bytes = (1 << 20) - (64 << 10)
}
