import Conversion
import EventModel
import JourneyDomain

/// For every code a journey that has it, and one much like it that does not.
struct JourneyCase: Sendable, CustomStringConvertible {
    let code: FindingCode
    let severity: Finding.Severity
    let place: String
    let bad: JourneyDefinition
    let good: JourneyDefinition
    var description: String { "\(code.rawValue) at \(place)" }

    init(
        _ code: FindingCode, _ severity: Finding.Severity, _ place: String, _ bad: JourneyDefinition,
        good: JourneyDefinition = Judged.sound
    ) {
        self.code = code
        self.severity = severity
        self.place = place
        self.bad = bad
        self.good = good
    }

    static let all = attributes + elements + ways

    private static let states = [Judged.state("a")]
    private static let transitions = [Judged.way("r", "a"), Judged.way("a", "end")]

    private static func titled(_ title: String) -> JourneyDefinition {
        Judged.journey(states, transitions, title: title)
    }
    private static func under(_ conditions: [String]) -> JourneyDefinition {
        Judged.journey(states, transitions, conditions: conditions)
    }
    private static func with(_ state: JourneyState) -> JourneyDefinition {
        Judged.journey([state], [Judged.way("r", state.id, id: "t1"), Judged.way(state.id, "end", id: "t2")])
    }

    private static let attributes: [JourneyCase] = [
        JourneyCase(.journeyTitleLength, .error, "$.title", titled(""), good: titled("x")),
        JourneyCase(
            .journeyTitleLength, .error, "$.title", titled(String(repeating: "é", count: 101)),
            good: titled(String(repeating: "é", count: 100))),
        JourneyCase(.journeyNoConditions, .warning, "$.conditions", under([])),
        JourneyCase(.journeyEmptyCondition, .error, "$.conditions[1]", under(["x", ""])),
        JourneyCase(.journeyEmptyCondition, .warning, "$.conditions[0]", under([" \n"])),
        JourneyCase(
            .journeyDuplicateCondition, .warning, "$.conditions[1]", under(["x", "x"]), good: under(["x", "y"])),
        JourneyCase(
            .journeyConditionWithoutText, .warning, "$.condition_ids",
            Judged.journey(states, transitions, extra: JSONObject([.init(key: "condition_ids", value: ["WebNqnWI6Y"])]))
        ),
        JourneyCase(.journeyLimitExceeded, .error, "$.conditions", under((0...1_000).map { "\($0)" })),
    ]

    private static let elements: [JourneyCase] = [
        JourneyCase(
            .journeyLimitExceeded, .error, #"$.nodes.\#(String(repeating: "x", count: 513))"#,
            with(Judged.state(ElementID(String(repeating: "x", count: 513)))),
            good: with(Judged.state(ElementID(String(repeating: "x", count: 512))))),
        JourneyCase(.journeyDuplicateID, .error, "$.nodes.a", Judged.journey(states + states, transitions)),
        JourneyCase(
            .journeyDuplicateID, .error, "$.edges.t",
            Judged.journey(states, [Judged.way("r", "a", id: "t"), Judged.way("a", "end", id: "t")])),
        JourneyCase(
            .journeyReservedID, .error, "$.nodes.end", Judged.journey(states + [Judged.state("end")], transitions)),
        JourneyCase(
            .journeyReservedID, .error, "$.nodes.root", with(Judged.state("root")), good: with(Judged.state("roots"))),
        JourneyCase(.journeyReservedID, .error, #"$.nodes[""]"#, with(Judged.state(""))),
        JourneyCase(
            .journeyReservedMetadata, .warning, "$.edges.t.metadata.lockstep",
            Judged.journey(
                states,
                [
                    Judged.way("r", "a"),
                    JourneyTransition(
                        id: "t", source: "a", target: "end", metadata: JSONObject([.init(key: "lockstep", value: 7)])),
                ])),
        JourneyCase(.journeyUnknownKind, .warning, "$.nodes.a.kind", with(Judged.state("a", nil))),
        JourneyCase(
            .journeyForkWithoutAction, .warning, "$.nodes.a", with(Judged.state("a", .fork, action: nil)),
            good: with(Judged.state("a", .fork))),
        JourneyCase(.journeyChatWithoutAction, .warning, "$.nodes.a", with(Judged.state("a", .chat, action: " "))),
        JourneyCase(
            .journeyToolWithoutTools, .warning, "$.nodes.a", with(Judged.state("a", .tool)),
            good: with(JourneyState(id: "a", kind: .tool, tools: ["s:t"]))),
        JourneyCase(
            .journeyMalformedTool, .error, "$.nodes.a.tools[1]",
            with(JourneyState(id: "a", kind: .tool, tools: ["s:t", "t"])),
            good: with(JourneyState(id: "a", kind: .tool, tools: ["s:t:u"]))),
        JourneyCase(
            .journeyRootWithAction, .warning, "$.nodes.r",
            Judged.journey(states, transitions, root: Judged.state("r", .chat))),
    ]

    private static let ways: [JourneyCase] = [
        JourneyCase(
            .journeyMissingStart, .error, "$.root_id",
            JourneyDefinition(title: "T", conditions: ["c"], root: "gone", states: states, transitions: transitions)),
        JourneyCase(.journeyEmpty, .warning, "$.nodes.r", Judged.journey([], [])),
        JourneyCase(
            .journeyDanglingTransition, .error, "$.edges.t.target",
            Judged.journey(states, [Judged.way("r", "a"), Judged.way("a", "gone", id: "t")])),
        JourneyCase(
            .journeyDanglingTransition, .error, "$.edges.t.source",
            Judged.journey(states, transitions + [Judged.way("gone", "a", id: "t")])),
        JourneyCase(
            .journeyLeavesEnd, .error, "$.edges.t.source",
            Judged.journey(states, transitions + [Judged.way("end", "a", id: "t")])),
        JourneyCase(
            .journeyUnconditionedBranching, .error, "$.edges.t",
            Judged.journey(
                states, [Judged.way("r", "a"), Judged.way("a", "r", "again"), Judged.way("a", "end", id: "t")]),
            good: Judged.journey(
                states, [Judged.way("r", "a"), Judged.way("a", "r", "again"), Judged.way("a", "end", "done")])),
        JourneyCase(
            .journeyUnconditionedBranching, .error, "$.edges.t",
            Judged.journey(
                states, [Judged.way("r", "a"), Judged.way("a", "r", "again"), Judged.way("a", "end", " ", id: "t")])),
        JourneyCase(
            .journeyAmbiguousBranching, .warning, "$.edges.t",
            Judged.journey(
                states, [Judged.way("r", "a"), Judged.way("a", "r", "x"), Judged.way("a", "end", "x", id: "t")])),
        JourneyCase(
            .journeyDuplicateTransition, .warning, "$.edges.t",
            Judged.journey(states, [Judged.way("r", "a"), Judged.way("a", "end"), Judged.way("r", "a", id: "t")])),
        JourneyCase(
            .journeyUnreachableState, .warning, "$.nodes.b",
            Judged.journey(states + [Judged.state("b")], transitions + [Judged.way("b", "end")])),
        JourneyCase(
            .journeyNoWayToEnd, .warning, "$.nodes.b",
            Judged.journey(
                states + [Judged.state("b")], [Judged.way("r", "a"), Judged.way("a", "b"), Judged.way("b", "a")]),
            good: Judged.journey(
                states + [Judged.state("b")],
                [
                    Judged.way("r", "a"), Judged.way("a", "b"), Judged.way("b", "a", "again"),
                    Judged.way("b", "end", "done"),
                ])),
        JourneyCase(.journeyOpenEnd, .remark, "$.nodes.a", Judged.journey(states, [Judged.way("r", "a")])),
    ]
}
