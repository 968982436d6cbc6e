import Connecting
import EventModel
import Reconciliation

/// What is to be done about a pending effect now. A pure rule over what is on record and what this process remembers of it.
///
/// Whether an effect was carried out is never guessed. After a try its echo is waited for. When that does not come in time, the engine is asked. Only
/// when the engine says that it was not carried out does it count as not carried out.
struct EffectCourse: Sendable, Equatable {
    /// What to do.
    enum Step: Sendable, Equatable {
        /// Record that it is tried, and try it.
        case send
        /// Try it once more: it was surely not carried out.
        case resend
        /// Look whether it was carried out.
        case probe
        /// Record that nobody knows.
        case doubt(because: String)
        /// Record its end.
        case end(EffectEnd)
        /// Come again then.
        case wait(until: Timestamp)
    }

    /// How often it was looked for and found, or could not be looked for.
    private(set) var probes = 0
    /// Whether it was looked for and found: only its echo is missing.
    private(set) var isFound = false
    private var probedAt: Timestamp?
    /// How often it was tried and surely not carried out, since it was put on record that it is tried.
    private var misses = 0
    private var missedAt: Timestamp?

    func step(_ pending: Ledger.Pending, at now: Timestamp, _ limits: CourseLimits) -> Step {
        let effect = pending.effect
        switch pending.progress {
        case .requested:
            guard !effect.action.isHidden else {
                return .end(.stale(.refused, because: "what it carries is sealed or was erased"))
            }
            guard now < limits.lastTry(of: effect) else {
                return .end(.stale(.expired, because: "nobody has tried it in time"))
            }
            return .send
        case .sent:
            guard now < effect.deadline else { return .doubt(because: "no echo was heard in time") }
            guard let missedAt else { return .wait(until: effect.deadline) }
            let due = missedAt.advanced(by: limits.pause(misses))
            // Whoever stood still since may have been due in time, and be late now.
            guard max(due, now) < limits.lastTry(of: effect) else { return .wait(until: effect.deadline) }
            return now < due ? .wait(until: due) : .resend
        case .unknown(let because):
            guard effect.kind != .onceOrManual else {
                return .end(
                    .stale(.unknowable, because: "it must not be repeated and cannot be looked for: \(because)"))
            }
            if isFound, now >= effect.deadline.advanced(by: limits.silence) {
                return .end(.confirmed(by: .probe))
            }
            guard let due = probedAt?.advanced(by: limits.pause(probes)), now < due else { return .probe }
            return .wait(until: due)
        }
    }

    /// It was surely not carried out.
    mutating func miss(at now: Timestamp) {
        misses += 1
        missedAt = now
    }

    /// What a try has come to is known, or nobody knows.
    mutating func settle() {
        misses = 0
        missedAt = nil
    }

    /// What follows from the engine's answer to a probe.
    ///
    /// An order whose answer was lost may still be on its way. What may be done twice is asked for again at once; what must not be, only when no order can
    /// arrive any more.
    mutating func receive(_ answer: ProbeAnswer, about effect: Effect, at now: Timestamp) -> EffectEnd? {
        probes += 1
        probedAt = now
        switch answer {
        case .found:
            isFound = true
            return nil
        case .absent where effect.kind == .probeThenAct && now < effect.deadline: return nil
        case .absent: return .stale(.expired, because: "it was looked for, and was not carried out")
        case .unavailable: return nil
        case .untellable(let because): return .stale(.unknowable, because: because)
        }
    }
}

/// How long an effect is looked for.
public struct CourseLimits: Sendable, Hashable {
    /// The pause behind the first try or probe that did not end it; it doubles with each.
    public var pause: Duration
    /// The longest pause between two of them.
    public var longestPause: Duration
    /// How long a try may take: none is begun that would not be over by the effect's deadline, behind which others look for it.
    public var tryPatience: Duration
    /// How long the echo of an effect that was found carried out is waited for before the probe's word has to do.
    public var silence: Duration

    /// Limits; what is not given is as for production.
    public init(
        pause: Duration = .seconds(2), longestPause: Duration = .seconds(60), tryPatience: Duration = .seconds(65),
        silence: Duration = .seconds(3_600)
    ) {
        self.tryPatience = tryPatience
        self.pause = pause
        self.longestPause = longestPause
        self.silence = silence
    }

    /// Until when an effect may be tried.
    func lastTry(of effect: Effect) -> Timestamp { effect.deadline.advanced(by: .zero - tryPatience) }

    /// The pause behind so many tries, from 1.
    func pause(_ tries: Int) -> Duration {
        tries > 20 ? longestPause : min(longestPause, pause * (1 << max(0, tries - 1)))
    }
}
