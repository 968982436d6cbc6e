import EventModel

/// How often, and for how long, something is tried before a person is asked.
public struct LedgerLimits: Sendable, Hashable {
    /// How long the echo of an effect is waited for.
    public var patience: Duration
    /// How many effects may come to nothing for one field before it waits for a person.
    public var attempts: Int
    /// The pause behind the first effect that came to nothing; it doubles with each.
    public var pause: Duration
    /// The longest pause.
    public var longestPause: Duration
    /// How many contested decisions about one field within ``flapWindow`` are flapping.
    public var flaps: Int
    /// See ``flaps``.
    public var flapWindow: Duration

    /// Limits; what is not given is as for production.
    public init(
        patience: Duration = .seconds(120), attempts: Int = 5, pause: Duration = .seconds(1),
        longestPause: Duration = .seconds(300), flaps: Int = 5, flapWindow: Duration = .seconds(600)
    ) {
        self.patience = patience
        self.attempts = attempts
        self.pause = pause
        self.longestPause = longestPause
        self.flaps = flaps
        self.flapWindow = flapWindow
    }

    /// The pause behind so many effects that came to nothing, from 1.
    func pause(after failures: Int) -> Duration {
        guard failures > 0 else { return .zero }
        return failures > 20 ? longestPause : min(longestPause, pause * (1 << (failures - 1)))
    }

    /// Fields whose conflicts wait, and whose differences are accepted, in one execution.
    public static let waiting = 1_000
    /// Fields whose decisions are remembered for flapping, in one execution; what was decided longest ago is forgotten.
    public static let remembered = 1_000
    /// Contested decisions of one field that are remembered; more are flapping anyway.
    static let contests = 100
    /// Events that one look records; the rest has its turn in the next, at once. An append of 1 000 has room for what a person's word comes with, and for
    /// the streams that were compared.
    public static let events = 900
    /// Bytes of all that one look records, sealed; the rest has its turn in the next, at once. An append has room for 8 MiB.
    public static let lookBytes = 6 << 20
    /// Bytes of one event, sealed, with everything around it: what takes more cannot be recorded.
    public static let eventBytes = 1 << 20
    /// Levels of arrays and objects in data that can be recorded. An event has room for 128, and what stands around data takes some of them.
    public static let depth = 120
}
