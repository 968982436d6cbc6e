import EventModel
import EventSourcing
import FoundationEssentials
import WorkflowDomain

/// The id of the command "make this file the workflow's next revision": the same file is the same command, and the version that it is
/// decided against becomes part of its events' ids. Another file with the same content is another command, because its own bytes are kept.
enum ImportCommandID {
    /// Of workspace, stream, digest, format, digest of the file and its name, with zero bytes between them; no part but the last can hold one.
    static func derived(of reading: WorkflowReading, into workspace: Workspace, _ stream: StreamName) -> UUID {
        let parts = [
            workspace.rawValue, stream.rawValue, reading.digest.hexadecimal, reading.format.rawValue,
            ContentDigest(of: reading.original).hexadecimal, reading.sourceName,
        ]
        return TimeOrderedID.derived(
            from: namespace, name: parts.joined(separator: "\u{0}"), index: 0, at: Timestamp(microseconds: 0))
    }

    /// Tells ids of imports of workflows from all others that are derived from names.
    private static let namespace = UUID(
        uuid: (0x6c, 0x6f, 0x63, 0x6b, 0x73, 0x74, 0x65, 0x70, 0x80, 0, 0, 0, 0, 0, 0, 3))
}
