/// A law that was broken, and how.
public struct Violation: Sendable, Hashable, CustomStringConvertible {
    /// The laws that the auditor knows.
    public enum Law: String, Sendable, Hashable {
        /// One order, no gaps; nothing lost, nothing twice.
        case oneOrder = "L1"
        /// Kafka is a faithful copy.
        case faithfulCopy = "L2"
        /// A view and its checkpoint move together.
        case viewWithCheckpoint = "L3"
        /// Live fold = naive fold.
        case oneFold = "L4"
        /// Nothing is skipped silently.
        case nothingSkipped = "L6"
        /// Deciding again stores nothing again; whatever the order, the same state.
        case idempotent = "L7"
        /// What is erased is gone, and nothing else.
        case erasure = "L11"
        /// A workflow, its journey and the mapping between them belong together.
        case conversion
        /// Two sides are brought together, each difference has its explanation, and nothing is done twice or on a guess.
        case reconciliation
        /// Once the world is calm, everything arrives.
        case progress
    }

    /// Which law.
    public var law: Law
    /// What was seen.
    public var evidence: String

    init(_ law: Law, _ evidence: String) {
        self.law = law
        self.evidence = evidence
    }

    /// One sentence for people.
    public var description: String { "\(law.rawValue): \(evidence)" }
}
