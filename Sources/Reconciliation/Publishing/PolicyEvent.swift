import EventModel
import WorkflowDomain

/// What happens to the versions of one policy; stream `policy-<name>` of the default workspace.
public enum PolicyEvent: Equatable, Sendable {
    /// A version is on record, and in use from now on by whoever uses the policy.
    case published(PolicyPublication)
    /// Another version has taken the place of one.
    case superseded(version: Int, by: Int)
}

extension PolicyEvent: DomainEvent {
    /// `policy`
    public static let category = "policy"

    /// Policies are about fields, not about people.
    public static let personalMarks: [PersonalMark] = []

    /// The stored names.
    public enum Kind: String, Sendable, CaseIterable {
        /// ``PolicyEvent/published(_:)``
        case published = "policy.published"
        /// ``PolicyEvent/superseded(version:by:)``
        case superseded = "policy.superseded"
    }

    /// The stored name of this event.
    public var kind: Kind {
        switch self {
        case .published: .published
        case .superseded: .superseded
        }
    }

    /// The stable name under which the event is stored.
    public var type: EventType { EventType(trusting: kind.rawValue) }

    /// 1 for every event.
    public var schemaVersion: Int32 { 1 }

    /// The event's data by its schema.
    public var payload: JSONValue {
        func number(_ number: Int) -> JSONValue { .number(JSONNumber(number)) }
        switch self {
        case .published(let policy):
            let scope = JSONObject(omittingNil: [
                ("workspace", policy.scope.workspace.map { .string($0.rawValue) }),
                ("workflow", policy.scope.workflow.map { .string($0.text) }),
            ])
            return [
                "name": .string(policy.name), "version": number(policy.version),
                "digest": .string(policy.digest.hexadecimal), "scope": .object(scope), "text": .string(policy.text),
            ]
        case .superseded(let version, let successor):
            return ["version": number(version), "successor": number(successor)]
        }
    }

    /// Reads back what ``payload`` answered. The text is not read as a policy: what one may hold was other before, and will be.
    public init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        guard let kind = Kind(rawValue: type.rawValue), schemaVersion == 1 else {
            throw .unknown(type: type, schemaVersion: schemaVersion)
        }
        switch kind {
        case .published:
            let scope = try payload.nested("scope")
            self = .published(
                PolicyPublication(
                    name: try payload.text("name"), version: try payload.int("version"),
                    digest: try payload.parsed("digest") { ContentDigest(hexadecimal: $0) },
                    scope: PolicyScope(
                        workspace: scope.has("workspace")
                            ? try scope.parsed("workspace") { try? Workspace($0) } : nil,
                        workflow: scope.has("workflow") ? try scope.parsed("workflow") { WorkflowID($0) } : nil),
                    text: try payload.text("text")))
        case .superseded:
            self = .superseded(version: try payload.int("version"), by: try payload.int("successor"))
        }
    }
}
