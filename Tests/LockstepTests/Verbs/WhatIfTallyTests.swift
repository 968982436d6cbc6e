import EventModel
import Foundation
import Reconciliation
import Testing

@testable import lockstep

@Suite struct WhatIfTallyTests {
    private static let policy = Policy(name: "new", version: 2, rules: [])

    private func ruling(_ policy: String) -> Receipt.Ruling {
        Receipt.Ruling(rule: .latest, place: 3, policy: policy, version: 1)
    }

    private func change(_ field: String, by policy: String = "old") throws -> WhatIf.Answer {
        .tried(
            WhatIf.Retrial(
                id: UUID(), path: try FieldPath(field),
                was: WhatIf.Outcome(standing: .waits, ruling: ruling(policy)),
                wouldBe: WhatIf.Outcome(standing: .accepted, ruling: nil)))
    }

    private func object(_ tally: WhatIfTally) throws -> JSONValue {
        try JSONValue(Answers.line { tally.write(to: &$0, Self.policy) })
    }

    @Test func `changes are counted by rule and field, not by member, and those with most come first`() throws {
        var tally = WhatIfTally()
        for _ in 0..<3 { tally.count(try change("variables/limit")) }
        tally.count(try change("status"))
        tally.count(try change("status", by: "older"))
        tally.count(.untried(UUID(), .status, .hidden))
        let rows = tally.sorted
        #expect(rows.map(\.count) == [3, 1, 1])
        #expect(rows.map { "\($0.row.field)" } == ["variables/limit", "status", "status"])
        #expect(rows[1].row.was?.policy == "old" && rows[2].row.was?.policy == "older")
        let told = try object(tally)
        #expect(try AnswerSchema("reconcile_what_if").flaws(in: told) == [])
        #expect(told["decisions"] == 5 && told["changed"] == 5 && told["hidden"] == 1 && told["outside"] == 0)
    }

    @Test func `however many fields change, no more kinds are remembered than there is room for`() throws {
        var tally = WhatIfTally()
        for number in 0..<5_000 { tally.count(try change("variables/v\(number % 1_000)")) }
        #expect(tally.rows.count == WhatIfTally.limit && tally.changed == 5_000)
        #expect(tally.others + tally.rows.values.reduce(0, +) == 5_000)
        let told = try object(tally)
        #expect(try AnswerSchema("reconcile_what_if").flaws(in: told) == [])
        #expect(tally.lines(Self.policy, Style(isColoured: false)).contains { $0.contains("other fields and rules") })
    }

    @Test func `names that nobody can trust are printed harmless`() throws {
        var tally = WhatIfTally()
        tally.count(try change("variables/limit", by: "\u{1b}[2J"))
        let policy = Policy(name: "\u{1b}[31m", version: 1, rules: [])
        #expect(!tally.lines(policy, Style(isColoured: false)).joined().contains("\u{1b}"))
    }

    @Test func `nothing tried is told in one line`() {
        #expect(
            WhatIfTally().lines(Self.policy, Style(isColoured: false))
                == ["0 of 0 decisions would come out otherwise under new 2"])
    }
}
