import EventModel
import Testing

@testable import Reconciliation

@Suite struct `A policy` {
    private func flaws(_ text: String) -> [String] {
        do {
            _ = try Policy(try JSONValue(text: text))
            return []
        } catch let flaws as PolicyFlaws {
            return flaws.all.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `is read, and the first rule whose pattern matches decides`() throws {
        let policy = try Policy(
            try JSONValue(
                text: """
                    {"policy":"default","version":3,"rules":[
                      {"path":"status","rule":"furthest","because":"an end is an end"},
                      {"path":"variables/total","rule":"max"},
                      {"path":"variables/**","rule":"latest","owner":"journey"},
                      {"path":"**","rule":"manual"}]}
                    """))
        #expect(policy.name == "default" && policy.version == 3 && policy.rules.count == 4)
        #expect(policy.rule(for: try FieldPath("variables/total"))?.place == 1)
        #expect(policy.rule(for: try FieldPath("variables/total/net"))?.place == 2)
        #expect(policy.rule(for: try FieldPath("variables/x"))?.rule.owner == .journey)
        #expect(policy.rule(for: .status)?.rule.reason == "an end is an end")
        #expect(policy.rule(for: .step(ElementID("a")))?.rule.rule == .manual)
    }

    @Test func `with flaws tells all of them, each with its place and what would be right`() {
        #expect(
            flaws(
                """
                {"policy":"","version":0,"colour":"red","rules":[
                  {"path":"steps/**/x","rule":"furthest"},
                  {"path":"steps/*","rule":"fastest","owner":"me","hue":1},
                  {"rule":"latest"},
                  {"path":"status","rule":"union"},
                  {"path":"**","rule":"max"},
                  {"path":"inputs/a","rule":"latest"}]}
                """) == [
                    "policy: a name of 1 to 100 letters, digits, \"-\", \"_\" and \".\" (ASCII) is missing",
                    "version: a whole number from 1 to 2147483647 is missing",
                    "colour: no member of that name is known",
                    "rules[0].path: \"steps/**/x\" has ** in the middle: it may only be the last segment",
                    "rules[1].hue: no member of that name is known",
                    "rules[1].rule: \"fastest\" is none of workflow_wins, journey_wins, latest, first, furthest, union, max, min, manual, refuse",
                    "rules[1].owner: \"me\" is none of workflow, journey",
                    "rules[2].path: a path, such as steps/* or ** is missing",
                    "rules[3].rule: union cannot decide about status: furthest is for status and steps, union, max and min are for data",
                    "rules[4].rule: max cannot decide about **: furthest is for status and steps, union, max and min are for data",
                    "rules[5]: never reached, because ** above it decides about the same fields",
                ])
        #expect(
            flaws("[]") == [
                "policy: a name of 1 to 100 letters, digits, \"-\", \"_\" and \".\" (ASCII) is missing",
                "version: a whole number from 1 to 2147483647 is missing",
                "rules: a list of rules is missing",
            ])
    }
}
