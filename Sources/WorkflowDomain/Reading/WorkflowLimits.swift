import EventModel

/// What an import takes at most.
public enum WorkflowLimits {
    /// Bytes of a file: a definition at the limit, generously indented.
    public static let fileBytes = 8 << 20
    /// Bytes of a definition as an event stores it: its structure, and its values sealed, which makes four bytes of three. An event may
    /// have 1 MiB; 64 KiB are left for what goes with it. See ``WorkflowDefinition/storedBytes``.
    public static let definitionBytes = (1 << 20) - (64 << 10)
    /// Blocks of a workflow.
    public static let blocks = 5_000
    /// Edges of a workflow.
    public static let edges = 20_000
    /// Containers inside containers.
    public static let containerDepth = 32
    /// Bytes of the id of an element.
    public static let idBytes = 512
    /// Bytes of a YAML text, which takes far longer to read than JSON.
    public static let yamlBytes = 2 << 20
    /// Values in a YAML text.
    public static let yamlNodes = 500_000
    /// Brackets inside brackets, or blocks inside blocks, in a YAML text.
    public static let yamlDepth = 128
    /// Problems, and warnings, that are listed; more of them are left out.
    public static let findings = 200
    /// Bytes of ids that a revision's list of changes may take, out of the 64 KiB above.
    public static let changeBytes = 32 << 10
    /// Elements that one edit may name.
    public static let batch = 1_000
    /// Bytes of the name of a workflow, a block or a variable.
    public static let nameBytes = 1_000
    /// Bytes of the label of a published version.
    public static let labelBytes = 200
    /// Bytes of a file that may be kept inside of the event of its import, room permitting.
    public static let inlineOriginalBytes = 512 << 10
    /// Bytes of a file of `bytes` as base64 in a sealed value, at most.
    static func sealedTwice(_ bytes: Int) -> Int { SealedValue.storedBytes(sealing: (bytes + 2) / 3 * 4 + 2) }
}
