import FoundationEssentials

/// Where a sealed value stands. It is bound into the ciphertext, so that a value cannot be moved to another event or place.
public struct SealedPlace: Hashable, Sendable {
    /// The event's tenant.
    public let workspace: Workspace
    /// The event's id.
    public let event: UUID
    /// The place in the event's data, with real keys and indices.
    public let path: JSONPath

    /// A place by its parts.
    public init(workspace: Workspace, event: UUID, path: JSONPath) {
        self.workspace = workspace
        self.event = event
        self.path = path
    }

    /// What is authenticated beside the ciphertext: workspace, event id and path, each variable part behind its length.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: workspace.rawValue)
        withUnsafeBytes(of: event.uuid) { bytes.append(contentsOf: $0) }
        bytes.append(lengthPrefixed: path.description)
        return bytes
    }
}

extension [UInt8] {
    /// Appends the text behind its length in bytes as a big-endian UInt32, so that no two sequences of texts run together alike.
    mutating func append(lengthPrefixed text: String) {
        append(bigEndian: UInt32(truncatingIfNeeded: text.utf8.count))
        append(contentsOf: text.utf8)
    }

    mutating func append(bigEndian number: UInt32) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }
}
