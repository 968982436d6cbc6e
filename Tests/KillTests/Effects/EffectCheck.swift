import EventModel
import Foundation

/// The questions behind all rounds, to the engine and to the log.
struct EffectCheck: Sendable {
    let stage: EffectStage
    /// The answer of each run's conversation; `nil` where it has given none beside going on.
    let runs: [String: String?]

    func expectTogether() async throws {
        try await Patience.until("every run is resumed") {
            let resumptions = try stage.engine.resumptions()
            return runs.keys.allSatisfy { resumptions[$0] != nil }
        }
        try await Patience.until("every run has ended") {
            let told = try stage.engine.told().filter { $0.contains("execution:completed") }
            return told.count >= runs.count
        }
        try await expectAgreement()
        try await expectSilence()
        try Flawed.check(try resumptionFlaws())
        try Flawed.check(try await stage.observer.texts(Self.effectFlaws))
    }

    /// Until a look at each would find nothing to do, and nothing is under way.
    private func expectAgreement() async throws {
        var apart: [String] = []
        do {
            try await Patience.until("nothing is apart") {
                apart = []
                for run in runs.keys.sorted() {
                    let looked = try await ChangeoverAttempt(
                        ["reconcile", "run", "--dry-run", "--execution", run, "--json"], environment: stage.environment
                    ).outcome()
                    if looked.status != 0 { apart.append("\(run): \(looked.output.prefix(1_500)) \(looked.errors)") }
                }
                apart += try await stage.observer.texts(Self.pending)
                return apart.isEmpty
            }
        } catch let exhausted as Patience.Exhausted { throw Flawed(flaws: [exhausted.description] + apart) }
    }

    /// Passes go on, and record nothing more.
    private func expectSilence() async throws {
        func count() async throws -> Int64 {
            try await stage.observer.number("select count(*) from lockstep.event_log where category = 'reconciliation'")
        }
        let (before, end) = (try await count(), ContinuousClock.now + .seconds(3))
        try await Patience.until("three passes are over") { ContinuousClock.now >= end }
        let after = try await count()
        if after != before { throw Flawed(flaws: ["\(after - before) events were recorded although nothing happened"]) }
    }

    private func resumptionFlaws() throws -> [String] {
        let resumptions = try stage.engine.resumptions()
        return runs.sorted { $0.key < $1.key }.compactMap { run, answer in
            let (given, wanted) = (resumptions[run] ?? [], answer.map { ["verdict": .string($0)] as JSONValue } ?? [:])
            return given == [wanted] ? nil : "\(run) was resumed with \(given), not with \(wanted)"
        }
    }

    private static let pending =
        """
        select format('%s still waits for %s', e.stream, e.data->>'action') from lockstep.event_log e
        where e.type = 'reconciliation.effect_requested' and not exists (
            select from lockstep.event_log x
            where x.stream = e.stream and x.type in ('reconciliation.effect_confirmed', 'reconciliation.effect_stale')
                and x.data->>'effect' = e.data->>'effect')
        """

    /// Every effect was requested once, was tried once at most, and only behind that doubted, and has one end; nobody has accepted a difference.
    private static let effectFlaws =
        """
        with effects as (
            select stream, data->>'effect' as effect,
                string_agg(substr(type, length('reconciliation.effect_') + 1), ' ' order by position) as story
            from lockstep.event_log where type like 'reconciliation.effect_%' group by stream, data->>'effect')
        select format('%s: effect %s: %s', stream, effect, story) from effects
        where story !~ '^requested( sent( unknown)?)? (confirmed|stale)$'
        union all
        select format('%s: %s', stream, type) from lockstep.event_log
        where type = 'reconciliation.divergence_accepted'
        """
}
