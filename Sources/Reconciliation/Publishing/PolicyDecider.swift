import EventModel

/// The rule of a policy's versions: they rise, and none is edited.
public enum PolicyDecider: Decider {
    /// What is known of a policy.
    public struct State: Equatable, Sendable {
        /// The versions on record, and what each of them is.
        public internal(set) var digests: [Int: ContentDigest] = [:]

        /// The version in use; `nil` while there is none.
        public var current: Int? { digests.keys.max() }
    }

    /// What may be asked.
    public enum Command: Equatable, Sendable {
        /// Put a version on record. One that is there already is left as it is.
        case publish(PolicyPublication)
    }

    /// What happens; see ``PolicyEvent``.
    public typealias Event = PolicyEvent

    /// Why a command is refused.
    public enum Rejection: Error, Equatable, Sendable {
        /// The version is on record as something else.
        case edited(name: String, version: Int, recorded: ContentDigest, given: ContentDigest, current: Int)
        /// A higher version is on record, and this one is not.
        case outdated(name: String, version: Int, current: Int)
    }

    /// No version.
    public static let initialState = State()

    /// The state after one more event.
    public static func evolve(_ state: State, _ event: Event) -> State {
        guard case .published(let policy) = event, state.digests[policy.version] == nil else { return state }
        var state = state
        state.digests[policy.version] = policy.digest
        return state
    }

    /// The events of a command.
    public static func decide(_ command: Command, _ state: State) throws(Rejection) -> [Event] {
        switch command {
        case .publish(let policy):
            guard let current = state.current else { return [.published(policy)] }
            if let recorded = state.digests[policy.version] {
                guard recorded == policy.digest else {
                    throw .edited(
                        name: policy.name, version: policy.version, recorded: recorded, given: policy.digest,
                        current: current)
                }
                return []
            }
            guard policy.version > current else {
                throw .outdated(name: policy.name, version: policy.version, current: current)
            }
            return [.superseded(version: current, by: policy.version), .published(policy)]
        }
    }
}

extension PolicyDecider.Rejection: CustomStringConvertible {
    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .edited(let name, let version, let recorded, let given, let current):
            "version \(version) of policy \"\(name)\" is on record with digest \(recorded) and the file has \(given), and a version is never edited; give what the file says version \(current + 1), or use the text that is on record (`lockstep policy list --json`)"
        case .outdated(let name, let version, let current):
            "version \(version) of policy \"\(name)\" was never published and version \(current) was; give what the file says version \(current + 1)"
        }
    }
}
