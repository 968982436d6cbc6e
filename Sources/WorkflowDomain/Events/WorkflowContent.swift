import EventModel

/// A whole definition and where it came from.
public struct WorkflowContent: Equatable, Sendable {
    /// The workflow.
    public let definition: WorkflowDefinition
    /// The format of the file.
    public let format: WorkflowFormat
    /// The definition's digest, without volatile fields.
    public let digest: ContentDigest
    /// The base name of the file: a text, or the hidden form of one.
    public let source: JSONValue
    /// What is known of the file's own bytes; `nil` in events from before they were kept, and where there was no file.
    public let original: OriginalFile?

    /// The content of an event.
    public init(
        definition: WorkflowDefinition, format: WorkflowFormat, digest: ContentDigest, source: JSONValue,
        original: OriginalFile? = nil
    ) {
        self.definition = definition
        self.format = format
        self.digest = digest
        self.source = source
        self.original = original
    }

    /// The base name of the file; `nil` for those who may not see it.
    public var sourceName: String? { source.string }
}
