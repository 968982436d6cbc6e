/// One place in the data of one kind of event that holds personal data: the schema's `x-personal`.
///
/// What stands there is stored sealed under the key of its subject; see ``SealedValue``.
public struct PersonalMark: Hashable, Sendable {
    /// Whose data it is.
    public enum Subject: Hashable, Sendable {
        /// `x-personal: /member`: the text of this member of the event's data; without it, ``syncKey``.
        case member(String)
        /// `x-personal: $key`: `key:` and the stream's sync key.
        case syncKey
        /// `x-personal: $workspace`: `workspace:` and the workspace.
        case workspace
    }

    /// One step into the data.
    public enum Step: Hashable, Sendable {
        /// To the member with this key.
        case key(String)
        /// To every member of an object, whatever its key.
        case everyMember
        /// To every element of an array.
        case everyElement
    }

    /// The stored type of the event.
    public let type: EventType
    /// The version of the event's schema.
    public let schemaVersion: Int32
    /// The way to the personal value.
    public let path: [Step]
    /// Whose data it is.
    public let subject: Subject

    /// A mark.
    public init(_ type: EventType, version schemaVersion: Int32, at path: [Step], of subject: Subject) {
        self.type = type
        self.schemaVersion = schemaVersion
        self.path = path
        self.subject = subject
    }
}
