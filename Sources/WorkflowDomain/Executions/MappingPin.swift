/// The mapping between workflow and journey that holds for one execution from its first moment to its last.
public struct MappingPin: Hashable, Sendable {
    /// The mapping: the key of its stream.
    public let mapping: String
    /// Its version, from 1.
    public let version: Int

    /// A pin.
    public init(mapping: String, version: Int) {
        self.mapping = mapping
        self.version = version
    }
}

/// Which definition of the workflow an execution runs, as far as the engine says.
public struct DefinitionReference: Hashable, Sendable {
    /// The digest of our canonical form.
    public let digest: String?
    /// The engine's own name of the version: Sim's deployment version, a revision.
    public let revision: String?

    /// A reference.
    public init(digest: String?, revision: String?) {
        self.digest = digest
        self.revision = revision
    }
}
