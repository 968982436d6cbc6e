import EventModel
import FoundationEssentials
import WorkflowDomain

/// The id of the command "make this file the workflow's next revision": the same file over the same version is the same command. Another
/// file with the same content is another command, because its own bytes are kept.
enum ImportCommandID {
    /// A UUIDv8 of SHA-256(workspace ‖ 0 ‖ stream ‖ 0 ‖ version ‖ 0 ‖ digest ‖ 0 ‖ format ‖ 0 ‖ digest of the file ‖ 0 ‖ its name); 0
    /// stands for no version. No part but the last can hold a zero byte.
    static func derived(
        of reading: WorkflowReading, into workspace: Workspace, _ stream: StreamName, after version: StreamVersion?
    ) -> UUID {
        let parts = [
            workspace.rawValue, stream.rawValue, "\(version?.rawValue ?? 0)", reading.digest.hexadecimal,
            reading.format.rawValue, ContentDigest(of: reading.original).hexadecimal, reading.sourceName,
        ]
        let text = Array(parts.map { Array($0.utf8) }.joined(separator: [0]))
        var bytes = Array(ContentDigest(of: text).hexadecimal.utf8.prefix(32))
        bytes[12] = UInt8(ascii: "8")
        bytes[16] = UInt8(ascii: "8")
        let digits = String(decoding: bytes, as: UTF8.self)
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { range in
            String(digits.dropFirst(range.lowerBound).prefix(range.count))
        }
        // The digits are those of a digest that was computed above, whatever the file held: nothing else would be our own mistake.
        guard let id = UUID(uuidString: groups.joined(separator: "-")) else {
            preconditionFailure("32 hexadecimal digits in five groups are a UUID")
        }
        return id
    }
}
