import EventModel
import WorkflowDomain

/// A situation in which two sides can be, made up to show what a policy does: one field in which they differ, everything else agreed on.
public struct Situation: Sendable {
    /// What has happened, for people.
    public let name: String
    /// The sides.
    public let sides: Comparison.Sides

    /// What a policy makes of it.
    public func rehearse(_ policy: Policy, telling: Telling = .engines) -> Plan {
        Plan(sides, under: policy, telling: telling)
    }

    /// A dozen and more, of every kind of field.
    public static let all: [Situation] = [
        Situation("a block is done, the conversation is not there yet", at: .step("pay"), .step(.started)) {
            $0.workflow = .step(.completed)
        },
        Situation("the conversation has answered where the run waits", at: .step("ask"), .step(.started)) {
            $0.journey = .step(.completed)
            $0.waitsAt = "ask"
        },
        Situation("the conversation is past a block that still runs", at: .step("pay"), .step(.started)) {
            $0.journey = .step(.completed)
        },
        Situation("a block was skipped, and gone through", at: .step("offer"), nil) {
            $0.workflow = .step(.skipped)
            $0.journey = .step(.completed)
        },
        Situation("the run has failed", at: .status, .status(.running)) { $0.workflow = .status(.failed) },
        Situation("the conversation was broken off", at: .status, .status(.running)) {
            $0.journey = .status(.cancelled)
        },
        Situation("the conversation is over, the run is not", at: .status, .status(.running)) {
            $0.journey = .status(.completed)
        },
        Situation("the run is done, the conversation was broken off", at: .status, .status(.running)) {
            $0.workflow = .status(.completed)
            $0.journey = .status(.cancelled)
        },
        Situation("the run has set a variable", at: .variable("amount"), FieldValue(100)) {
            $0.workflow = FieldValue(120)
        },
        Situation("the conversation has set a variable", at: .variable("amount"), FieldValue(100)) {
            $0.journey = FieldValue(90)
        },
        Situation("both have set a variable, the conversation last", at: .variable("amount"), FieldValue(100)) {
            $0.workflow = FieldValue(120)
            $0.journey = FieldValue(90)
        },
        Situation("both have set a variable, the run last", at: .variable("amount"), FieldValue(100)) {
            $0.journey = FieldValue(90)
            $0.workflow = FieldValue(120)
            $0.isWorkflowLast = true
        },
        Situation("both have added to a list", at: .variable("items"), FieldValue(["a"])) {
            $0.workflow = FieldValue(["a", "b"])
            $0.journey = FieldValue(["a", "c"])
        },
        Situation("a person has answered, where the run waits", at: .input("ask"), nil) {
            $0.journey = FieldValue("blue")
            $0.waitsAt = "ask"
        },
        Situation("an answer was changed when the run had gone on", at: .input("ask"), FieldValue("blue")) {
            $0.journey = FieldValue("red")
        },
        Situation("the run was given another answer", at: .input("ask"), nil) {
            $0.workflow = FieldValue("blue")
            $0.journey = FieldValue("red")
        },
    ]
}

extension Situation {
    /// What both say of the field, in the making.
    fileprivate struct Draft {
        var workflow: FieldValue?
        var journey: FieldValue?
        var waitsAt: ElementID?
        var isWorkflowLast = false
    }

    fileprivate init(_ name: String, at path: FieldPath, _ base: FieldValue?, _ change: (inout Draft) -> Void) {
        var draft = Draft(workflow: base, journey: base)
        change(&draft)
        let status: ExecutionStatus = draft.waitsAt == nil ? .running : .waiting
        var said = (base: Agreement(), workflow: Claims(), journey: Claims())
        said.base[.status] = .status(status)
        said.workflow.set(Claim(.status, .status(status), Origin(GlobalPosition(1))))
        said.journey.set(Claim(.status, .status(.running), Origin(GlobalPosition(2))))
        said.base[path] = base
        let (earlier, later) = (Origin(GlobalPosition(3)), Origin(GlobalPosition(4)))
        if let value = draft.workflow {
            said.workflow.set(Claim(path, value, draft.isWorkflowLast ? later : earlier))
        }
        if let value = draft.journey { said.journey.set(Claim(path, value, draft.isWorkflowLast ? earlier : later)) }
        self.name = name
        var sides = Comparison.Sides(base: said.base, workflow: said.workflow, journey: said.journey)
        sides.waitsAt = draft.waitsAt
        self.sides = sides
    }
}

extension FieldPath {
    fileprivate static func variable(_ name: ElementID) -> FieldPath { FieldPath(.variables, [name]) }
    fileprivate static func input(_ block: ElementID) -> FieldPath { FieldPath(.inputs, [block]) }
}
