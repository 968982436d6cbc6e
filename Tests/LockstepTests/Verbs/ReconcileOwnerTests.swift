import EventModel
import EventSourcingTesting
import Foundation
import Testing

@Suite("reconcile owner and owners", .enabled(if: Program.hasDatabase)) struct ReconcileOwnerTests {
    private let base = ReconcileTests()

    private func take(
        _ field: String, _ side: String, because: String = "a person helps", in environment: [String: String]
    ) async throws -> JSONValue {
        let lines = try await base.lines(
            ["owner", "run-17", "--field", field, "--side", side, "--because", because, "--actor", "ada"],
            in: environment, status: 0)
        #expect(lines.count == 1)
        return try #require(lines.first)
    }

    @Test func `who owned what when is on record, with who has done it and why`() async throws {
        try await base.withLog { environment in
            #expect(try await base.lines(["owners", "run-17"], in: environment, status: 0) == [])
            let first = try await take("variables/**", "journey", in: environment)
            #expect(first["recorded"]?.bool == true && first["owner"] == "journey" && first["actor"] == "ada")
            let again = try await take("variables/**", "journey", in: environment)
            #expect(again["recorded"]?.bool == false && again["position"] == .null)
            let second = try await take("status", "workflow", in: environment)
            let back = try await take("variables/**", "policy", because: "done", in: environment)
            #expect(back["owner"] == .null)

            let owners = try await base.lines(["owners", "run-17"], in: environment, status: 0)
            #expect(owners.map { $0["fields"] } == ["variables/**", "status", "variables/**"])
            #expect(owners.map { $0["position"] } == [first["position"], second["position"], back["position"]])
            #expect(owners.map { $0["ended_position"] } == [back["position"], .null, .null])
            #expect(owners.map { $0["because"] } == ["a person helps", "a person helps", "done"])
            #expect(owners.allSatisfy { $0["actor"] == "ada" })

            let amount = try await base.lines(
                ["owners", "run-17", "--field", "variables/amount"], in: environment, status: 0)
            #expect(amount.map { $0["owner"] } == ["journey", .null])
            let then = try await base.lines(
                [
                    "owners", "run-17", "--field", "variables/amount", "--at",
                    "\(try #require(second["position"]?.int))",
                ],
                in: environment, status: 0)
            #expect(then.map { $0["owner"] } == ["journey"] && then[0]["ended_position"] == .null)
            let told = try await Program.run(["reconcile", "owners", "run-17"], environment: environment)
            #expect(told.status == 0 && told.out.contains("as the policy says") && told.out.contains("done"))
        }
    }

    @Test func `what follows from a new owner is recorded with it`() async throws {
        try await base.withLog { environment in
            let taken = try await take("steps/**", "workflow", in: environment)
            #expect(try await base.recorded("run-17", environment).first == "ownership_taken")
            #expect(try await base.recorded("run-17", environment).count == (taken["followed"]?.int ?? 0) + 1)
        }
    }

    @Test func `nobody takes over what nothing was heard of`() async throws {
        try await base.withLog { environment in
            for words in [
                ["owner", "nobody", "--field", "**", "--side", "journey", "--because", "x"], ["owners", "nobody"],
                ["owners", "run-17", "--workspace", "other"],
            ] {
                let outcome = try await Program.run(["reconcile"] + words, environment: environment)
                #expect(outcome.status == 1 && outcome.out.isEmpty, "\(outcome.err)")
                #expect(outcome.err.contains("nothing was heard of execution"))
            }
            #expect(try await base.recorded("nobody", environment) == [])
        }
    }

    @Test func `hostile arguments end with 2 and one short sentence`() async throws {
        let escape = "a\u{1b}[2Jb"
        let huge = String(repeating: "x", count: 10_240)
        func owner(_ field: String, _ side: String = "journey", _ because: String = "x") -> [String] {
            ["owner", "run-17", "--field", field, "--side", side, "--because", because]
        }
        var all = ["", "nothing", "steps/**/x", "**/x", huge, escape, "steps/~2"].map { owner($0) }
        all += ["", "both", huge, escape].map { owner("status", $0) }
        all += ["", huge, escape, "a\nb"].map { owner("status", "journey", $0) }
        all += ["", huge, escape].map { ["owners", $0] }
        all += ["", huge, escape, "steps/*x~2"].map { ["owners", "run-17", "--field", $0] }
        all += [["owners", "run-17", "--at", "-1"], ["owners", "run-17", "--at", "x"], ["owner", "run-17"]]
        try await TestDatabase.with { environment in
            for words in all {
                let outcome = try await Program.run(["reconcile"] + words, environment: environment)
                let what = words.map { String($0.prefix(40)) }
                #expect(outcome.status == 2, "\(what): \(outcome.status) \(outcome.err.prefix(300))")
                #expect(outcome.err.utf8.count < 2_000 && !outcome.err.contains("\u{1b}"), "\(what)")
            }
        }
    }
}
