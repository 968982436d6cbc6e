import EventModel

/// Whether a process can do its work, and what does not go as it should anywhere in the deployment.
///
/// The two are kept apart on purpose. A process is not ready when it cannot work: the database is away, or the log must not be written to. That a
/// consumer stands still, in whichever process, is told beside it: to take a process out of service for that mends nothing.
public struct ReadyAnswer: Sendable {
    /// Why the process cannot work; `nil` when it can.
    public let refusal: Refusal?
    /// Everything that does not go as it should.
    public let degraded: [Degradation]
    /// The end of the log, where it was seen.
    public let head: Int64?
    /// When that was seen.
    public let lookedAt: Timestamp?

    /// Whether the process can work.
    public var isReady: Bool { refusal == nil }

    /// Nothing could be seen.
    public init(refusal: Refusal) {
        self.refusal = refusal
        degraded = []
        head = nil
        lookedAt = nil
    }

    /// What was seen.
    public init(_ look: OperationsLook, at moment: Timestamp) {
        refusal = look.history
        degraded = look.degradations
        head = look.head
        lookedAt = moment
    }

    /// The members of the answer to `/ready`; `Schemas/operations` says what they mean.
    func write(to writer: inout JSONWriter) {
        writer.key("ready")
        writer.bool(isReady)
        writer.key("reason")
        if let refusal { Self.write(why: refusal.why, todo: refusal.todo, to: &writer) } else { writer.null() }
        writer.key("degraded")
        writer.array { list in
            for one in degraded { Self.write(what: one.what, why: one.why, todo: one.todo, to: &list) }
        }
        writer.key("head")
        if let head { writer.int(head) } else { writer.null() }
        writer.key("looked_at")
        if let lookedAt { writer.string("\(lookedAt)") } else { writer.null() }
    }

    private static func write(what: String? = nil, why: String, todo: String, to writer: inout JSONWriter) {
        writer.object { object in
            if let what {
                object.key("what")
                object.string(what)
            }
            object.key("why")
            object.string(why)
            object.key("todo")
            object.string(todo)
        }
    }
}
