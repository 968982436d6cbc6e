import EventModel

/// One connection between two blocks.
public struct Edge: Equatable, Sendable {
    /// Its id, unique in the workflow; derived from the rest where the format has none.
    public let id: ElementID
    /// The block it leaves. It may be missing from the workflow: imports lose nothing.
    public let source: ElementID
    /// The block it enters. It may be missing, too.
    public let target: ElementID
    /// The port it leaves by; `nil` means always. See ``Handle``.
    public let sourceHandle: String?
    /// The port it enters by.
    public let targetHandle: String?
    /// Other fields. `type: default` and empty `data`, which say nothing, are left out.
    public let extra: JSONObject

    /// An edge; `extra` is put into canonical form.
    public init(
        id: ElementID, source: ElementID, target: ElementID, sourceHandle: String? = nil,
        targetHandle: String? = nil, extra: JSONObject = JSONObject()
    ) {
        self.id = id
        self.source = source
        self.target = target
        self.sourceHandle = sourceHandle
        self.targetHandle = targetHandle
        self.extra = extra.canonicalized
    }

    /// What the source handle means.
    public var handle: Handle { Handle(sourceHandle) }

    /// The id for an edge whose format has none: `edge-` and 16 hexadecimal digits of the SHA-256 of its ends and
    /// handles, each preceded by its length, so that hyphens inside ids cannot make two edges look alike.
    static func derivedID(source: ElementID, target: ElementID, sourceHandle: String?, targetHandle: String?) -> String
    {
        let parts = [source.text, sourceHandle ?? "", target.text, targetHandle ?? ""]
        let bytes = parts.flatMap { Array("\($0.utf8.count):".utf8) + Array($0.utf8) }
        return "edge-" + ContentDigest(of: bytes).hexadecimal.prefix(16)
    }
}

/// The meaning of a source handle.
public enum Handle: Equatable, Sendable {
    /// No handle: the edge is followed whatever the block's outcome.
    case always
    /// `source`: followed when the block succeeded.
    case success
    /// `error`: followed when the block failed.
    case failure
    /// `condition-<id>`: followed when that row of a condition was selected.
    case condition(String)
    /// `router-<id>`: followed when that route was selected.
    case route(String)
    /// `loop-start-source` or `parallel-start-source`: from a container to its first child.
    case containerStart
    /// `loop-end-source` or `parallel-end-source`: from a container onwards.
    case containerEnd
    /// Anything else, as it is spelled.
    case other(String)

    /// The meaning of `sourceHandle`.
    public init(_ sourceHandle: String?) {
        switch sourceHandle {
        case nil: self = .always
        case "source": self = .success
        case "error": self = .failure
        case "loop-start-source", "parallel-start-source": self = .containerStart
        case "loop-end-source", "parallel-end-source": self = .containerEnd
        case let text? where text.hasPrefix("condition-"): self = .condition(String(text.dropFirst(10)))
        case let text? where text.hasPrefix("router-"): self = .route(String(text.dropFirst(7)))
        case let text?: self = .other(text)
        }
    }
}
