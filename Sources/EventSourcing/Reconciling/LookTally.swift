/// What a look at an execution has come to, in one word.
public enum LookOutcome: String, Sendable, Hashable, CaseIterable {
    /// Nothing differs.
    case converged
    /// Something differs, and the sides are being told.
    case underWay = "under_way"
    /// Something differs, and somebody or something is waited for.
    case held
    /// A person has been asked.
    case queued
}

/// How many executions stand how.
public struct LookTally: Sendable, Hashable {
    /// Executions of which nothing differs.
    public var converged: Int64
    /// Executions whose sides are being told.
    public var underWay: Int64
    /// Executions in which somebody or something is waited for.
    public var held: Int64
    /// Executions in which a person was asked.
    public var queued: Int64
    /// Executions that could not be looked at.
    public var failed: Int64
    /// Decisions that were recorded, or would be.
    public var resolutions: Int64
    /// Effects that were requested, or would be.
    public var effects: Int64
    /// Executions of which there was something to say.
    public var lines: Int64

    /// A tally; of nothing unless told otherwise.
    public init(
        converged: Int64 = 0, underWay: Int64 = 0, held: Int64 = 0, queued: Int64 = 0, failed: Int64 = 0,
        resolutions: Int64 = 0, effects: Int64 = 0, lines: Int64 = 0
    ) {
        self.converged = converged
        self.underWay = underWay
        self.held = held
        self.queued = queued
        self.failed = failed
        self.resolutions = resolutions
        self.effects = effects
        self.lines = lines
    }

    /// Executions altogether.
    public var executions: Int64 { converged + underWay + held + queued + failed }
    /// Executions that are not known to have converged.
    public var differing: Int64 { executions - converged }

    /// One more execution was looked at.
    public mutating func add(_ outcome: LookOutcome, resolutions: Int = 0, effects: Int = 0) {
        switch outcome {
        case .converged: converged += 1
        case .underWay: underWay += 1
        case .held: held += 1
        case .queued: queued += 1
        }
        self.resolutions += Int64(resolutions)
        self.effects += Int64(effects)
    }

    /// Both together.
    public static func += (left: inout LookTally, right: LookTally) {
        left.converged += right.converged
        left.underWay += right.underWay
        left.held += right.held
        left.queued += right.queued
        left.failed += right.failed
        left.resolutions += right.resolutions
        left.effects += right.effects
        left.lines += right.lines
    }
}
