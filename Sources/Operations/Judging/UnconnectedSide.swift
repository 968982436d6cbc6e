/// A side that is to be told something, and whose engine no process that lives is connected to: nobody ever tells it.
public struct UnconnectedSide: Sendable, Hashable {
    /// Every side that there is.
    public static let all = ["workflow", "journey"]
    /// How long, in seconds, effects may wait before somebody has to know: a process that has just begun says a moment later what it is connected to.
    static let patience = 60.0

    /// `workflow` or `journey`.
    public let side: String
    /// Effects for it whose end is not known.
    public let effects: Int64
    /// How long ago the first of them was requested, in seconds.
    public let oldestSeconds: Double

    /// A side by its parts.
    public init(_ side: String, effects: Int64, oldestSeconds: Double) {
        self.side = side
        self.effects = effects
        self.oldestSeconds = oldestSeconds
    }

    /// Whether they have waited for so long that it is no matter of starting up.
    public var isOverdue: Bool { effects > 0 && oldestSeconds > Self.patience }

    /// What was found, in one sentence.
    public var why: String {
        let wait = effects == 1 ? "1 effect for it waits" : "\(effects) effects for it wait"
        let seconds = Int64(exactly: max(0, oldestSeconds).rounded(.down)) ?? 0
        return "\(wait), the oldest for \(seconds) s, and no process that reconciles is connected to it"
    }

    /// What to do.
    public var todo: String {
        let variable = side == "journey" ? "LOCKSTEP_PARLANT_URL" : "LOCKSTEP_SIM_URL"
        return "set \(variable) for `lockstep serve --roles reconciler`"
    }
}
