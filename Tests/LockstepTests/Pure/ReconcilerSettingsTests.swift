import Testing

@testable import lockstep

@Suite("Settings of the reconciler") struct ReconcilerSettingsTests {
    private func settings(_ environment: [String: String]) async throws -> ReconcilerSettings {
        try ReconcilerSettings(await SettingsSource(file: nil, environment: environment))
    }

    @Test func `what is not given is as for production`() async throws {
        let limits = try await settings([:]).limits(lanes: 12)
        #expect(limits.cleanUpInterval == .seconds(300) && limits.staleAfter == .seconds(7 * 86_400))
        #expect(limits.lightInterval == .seconds(5) && limits.passInterval == .seconds(30))
    }

    @Test func `what is given is taken, and zero days of patience mean for ever`() async throws {
        let limits = try await settings([
            "LOCKSTEP_RECONCILER_STALE_AFTER_SECONDS": "0", "LOCKSTEP_RECONCILER_CLEANUP_SECONDS": "60",
            "LOCKSTEP_RECONCILER_LIGHT_SECONDS": "1",
        ]).limits(lanes: 3)
        #expect(limits.staleAfter == .zero && limits.cleanUpInterval == .seconds(60))
        #expect(limits.lightInterval == .seconds(1) && limits.lanes == 3)
    }

    private static let wrong: [String: [String]] = [
        "ORDER": ["0", "-1", "601", "99999999999999999999", "soon", "1.5"],
        "EFFECT": ["0", "-120", "10", "3601", "99999999999999999999", "a while"],
        "LIGHT": ["0", "-5", "3601", "99999999999999999999", "often"],
        "PASS": ["0", "86401"], "CLEANUP": ["0", "-1", "86401", "99999999999999999999", "daily"],
        "STALE_AFTER": ["-1", "315360001", "99999999999999999999", "7d"],
    ]

    @Test(arguments: wrong.flatMap { name, values in values.map { ("LOCKSTEP_RECONCILER_\(name)_SECONDS", $0) } })
    func `a time that cannot be is refused by name, with the value`(_ variable: String, _ value: String) async throws {
        let failure = await #expect(throws: Failure.self) { try await settings([variable: value]) }
        #expect(failure?.status == .usage)
        #expect(failure?.error.contains(variable) == true && failure?.error.contains("\"\(value)\"") == true)
        #expect(failure?.hint.contains("--print-config") == true)
    }

    @Test(arguments: ["ORDER": "1", "EFFECT": "3600", "LIGHT": "3600", "CLEANUP": "1", "STALE_AFTER": "315360000"])
    func `the ends of a range are in it`(_ name: String, _ value: String) async throws {
        _ = try await settings(["LOCKSTEP_RECONCILER_\(name)_SECONDS": value])
    }

    @Test func `an effect's time that leaves none for noticing is refused, and what would do is said`() async throws {
        let enough = ["LOCKSTEP_RECONCILER_EFFECT_SECONDS": "40", "LOCKSTEP_RECONCILER_ORDER_SECONDS": "30"]
        #expect(try await settings(enough).effectSeconds == 40)
        let failure = await #expect(throws: Failure.self) {
            try await settings(enough.merging(["LOCKSTEP_RECONCILER_ORDER_SECONDS": "31"]) { $1 })
        }
        #expect(failure?.status == .usage && failure?.hint.contains("41") == true)
        #expect(failure?.error.contains("40") == true && failure?.error.contains("31") == true)
    }
}
