import Reconciler
import Reconciliation

/// How a serving process reconciles.
struct ReconcilerSettings: Sendable {
    /// The files of policies beside the default one (`reconciler.policies`), separated by commas in the environment.
    var policies: [String]
    /// How long nothing is to happen to an execution before it is looked at, in milliseconds (`reconciler.quiet.milliseconds`).
    var quietMilliseconds: Int
    /// Between the beginnings of two light checks, which look at what is apart, in seconds (`reconciler.light.seconds`).
    let lightSeconds: Int
    /// Between the beginnings of two passes over all open executions, in seconds (`reconciler.pass.seconds`).
    var passSeconds: Int
    /// Between the beginnings of two clean-ups of stale executions, in seconds (`reconciler.cleanup.seconds`).
    let cleanUpSeconds: Int
    /// How long neither side of an execution may move before it is left alone until one does, in seconds; 0 for ever (`reconciler.stale.after.seconds`).
    let staleAfterSeconds: Int
    /// How long the echo of an effect is waited for, in seconds (`reconciler.effect.seconds`).
    var effectSeconds: Int
    /// How long an engine has for carrying an order out, in seconds (`reconciler.order.seconds`). The rest of an effect's time is for noticing that a process has
    /// died over it: only behind its end another one looks whether it was carried out.
    var orderSeconds: Int
    /// Executions that are looked at side by side (`reconciler.concurrency`).
    let concurrency: Int

    static let quietRange = 0...60_000
    static let lightRange = 1...3_600
    static let passRange = 1...86_400
    static let cleanUpRange = 1...86_400
    static let staleAfterRange = 0...3_650 * 86_400
    static let effectRange = 11...3_600
    static let orderRange = 1...600
    /// What a try takes beside the order: looking, and putting on record that it is tried.
    private static let beside = 5
    static let concurrencyRange = 1...256

    /// - Throws: ``Failure`` with status 2 when a value is out of its range.
    init(_ source: SettingsSource) throws(Failure) {
        policies = source.list("reconciler.policies") ?? []
        quietMilliseconds = try source.number("reconciler.quiet.milliseconds", in: Self.quietRange) ?? 300
        lightSeconds = try source.number("reconciler.light.seconds", in: Self.lightRange) ?? 5
        passSeconds = try source.number("reconciler.pass.seconds", in: Self.passRange) ?? 30
        cleanUpSeconds = try source.number("reconciler.cleanup.seconds", in: Self.cleanUpRange) ?? 300
        staleAfterSeconds =
            try source.number("reconciler.stale.after.seconds", in: Self.staleAfterRange) ?? 7 * 86_400
        effectSeconds = try source.number("reconciler.effect.seconds", in: Self.effectRange) ?? 120
        orderSeconds = try source.number("reconciler.order.seconds", in: Self.orderRange) ?? 60
        guard effectSeconds >= orderSeconds + 2 * Self.beside else {
            throw Failure(
                .usage,
                "reconciler.effect.seconds is \(effectSeconds), which is too little for orders of \(orderSeconds) seconds",
                hint: "make it \(orderSeconds + 2 * Self.beside) or more, or reconciler.order.seconds less")
        }
        concurrency = try source.number("reconciler.concurrency", in: Self.concurrencyRange) ?? 8
    }

    /// For the running reconciler.
    func limits(lanes: Int) -> ReconcilingLimits {
        ReconcilingLimits(
            quiet: .milliseconds(quietMilliseconds), patience: .milliseconds(max(3_000, 10 * quietMilliseconds)),
            lightInterval: .seconds(lightSeconds), passInterval: .seconds(passSeconds),
            cleanUpInterval: .seconds(cleanUpSeconds), staleAfter: .seconds(staleAfterSeconds),
            concurrency: concurrency,
            lanes: lanes)
    }

    /// For carrying out what was decided.
    var course: CourseLimits { CourseLimits(tryPatience: .seconds(orderSeconds + Self.beside)) }

    /// For what is decided.
    var ledger: LedgerLimits { LedgerLimits(patience: .seconds(effectSeconds)) }
}
