import WorkflowDomain

/// What a policy may have at most. Texts are counted in Unicode scalars, as JSON Schema counts them.
public enum PolicyLimits {
    /// Bytes of a document.
    public static let bytes = 256 << 10
    /// Values in a document, those that hold others included.
    public static let nodes = 10_000
    /// Lists and mappings inside of one another: a document needs three.
    public static let depth = 8
    /// Rules of a policy: every one is held against all before it.
    public static let rules = 500
    /// Characters of a name.
    public static let name = 100
    /// Characters of a path.
    public static let path = 1_000
    /// Characters of a reason or a description.
    public static let text = 2_000
    /// The highest version.
    public static let version = 2_147_483_647

    static let yaml = YAMLText.Limits(bytes: bytes, nodes: nodes, depth: depth)
}
