import EventModel

/// An event as the sample of its schema has it: what a fold is tried on.
public struct FoldSample: Sendable, Hashable {
    /// What happened.
    public let type: EventType
    /// The version of the schema that the payload follows.
    public let schemaVersion: Int32
    /// The payload, JSON text.
    public let data: [UInt8]

    /// A sample by its parts.
    public init(type: EventType, schemaVersion: Int32, data: [UInt8]) {
        self.type = type
        self.schemaVersion = schemaVersion
        self.data = data
    }

    /// `workflow.imported@2`
    var name: String { "\(type)@\(schemaVersion)" }
}
