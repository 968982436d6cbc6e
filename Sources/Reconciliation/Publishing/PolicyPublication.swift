import EventModel
import WorkflowDomain

/// A version of a policy as it is put on record: the text of its file, and what identifies it. What a policy said when it decided can be read for ever.
public struct PolicyPublication: Equatable, Sendable {
    /// What the policy is called.
    public let name: String
    /// Its version.
    public let version: Int
    /// SHA-256 of the document in canonical form: comments, and how it is written, make no other version of it.
    public let digest: ContentDigest
    /// The executions that it is for.
    public let scope: PolicyScope
    /// The text of the file.
    public let text: String

    /// The publication of a file.
    ///
    /// - Throws: ``PolicyFlaws`` when the file holds no policy.
    public init(yaml bytes: [UInt8]) throws(PolicyFlaws) {
        let document = PolicyText(bytes)
        guard let policy = document.policy, let digest = document.digest else { throw PolicyFlaws(all: document.flaws) }
        self.init(
            name: policy.name, version: policy.version, digest: digest, scope: policy.scope,
            text: String(decoding: bytes, as: UTF8.self))
    }

    init(name: String, version: Int, digest: ContentDigest, scope: PolicyScope, text: String) {
        self.name = name
        self.version = version
        self.digest = digest
        self.scope = scope
        self.text = text
    }

    /// The stream of the policy's versions: `policy-<name>`, in the default workspace, as a policy may be for many.
    ///
    /// - Throws: ``NameFlaw`` for no name that a policy read from a file can have.
    public func stream() throws(NameFlaw) -> StreamName {
        try StreamName(category: Category(PolicyEvent.category), key: name)
    }
}
