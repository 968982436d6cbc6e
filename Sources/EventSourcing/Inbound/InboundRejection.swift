/// Why a message, or a part of it, does not become events. It is kept with its reason, never dropped.
public struct InboundRejection: Error, Sendable, Hashable {
    /// The kinds of reasons, as they are written down.
    public enum Code: String, Sendable, CaseIterable {
        /// A header that must be understood cannot be.
        case badHeader = "bad_header"
        /// Nothing is taken in for the tenant that is named.
        case unknownWorkspace = "unknown_workspace"
        /// It says that it happened long after it was received, or at no time that can be.
        case badTime = "bad_time"
        /// There is no content.
        case empty
        /// The payload, or what it amounts to, is larger than what is taken.
        case tooLarge = "too_large"
        /// The payload is not JSON.
        case notJSON = "not_json"
        /// The payload is of no form that is known.
        case unknownForm = "unknown_form"
        /// The payload is of a known form but breaks its rules.
        case malformed
        /// The sender used the name of an earlier message for other content.
        case keyReused = "key_reused"
        /// The domain refuses what is said.
        case refused
        /// The log refuses the events, for instance because one is too large.
        case unstorable
        /// The stream that is concerned holds an event of a later version of Lockstep.
        case unreadableStream = "unreadable_stream"
    }

    /// The kind of reason.
    public let code: Code
    /// What is wrong, in a sentence; cut to ``InboundLimits/reasonCharacters``.
    public let reason: String
    /// The side that the payload was recognised as, if it was.
    public private(set) var kind: String?

    /// A reason.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = String(reason.prefix(InboundLimits.reasonCharacters))
    }

    /// The reason with the side whose payload it is.
    public func on(_ kind: String) -> InboundRejection {
        var rejection = self
        rejection.kind = kind
        return rejection
    }
}
