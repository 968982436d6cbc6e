import EventModel
import Reconciliation

extension PolicyJudgement {
    /// One object with the same keys for every file, `null` where one has no meaning.
    var json: [UInt8] {
        Answers.line { object in
            object.member("file", file)
            object.member("verdict", isValid ? "valid" : "invalid")
            object.member("policy", policy?.name)
            object.member("version", policy?.version)
            object.member("workspace", policy?.scope.workspace?.rawValue)
            object.member("workflow", policy?.scope.workflow?.text)
            object.member("rules", policy?.rules.count)
            object.key("counts")
            object.object { counts in
                counts.member("errors", remarks.count(where: \.isError))
                counts.member("warnings", remarks.count { !$0.isError })
            }
            object.key("findings")
            object.array { list in
                for remark in remarks { list.remark(remark) }
            }
            object.key("examples")
            object.array { list in
                for example in examples { list.example(example) }
            }
        }
    }

    /// What it would do; nothing when it is refused.
    var examples: [PolicyExample] {
        guard isValid, let policy else { return [] }
        return Situation.all.compactMap { PolicyExample($0, under: policy) }
    }
}

/// What a policy makes of a situation.
struct PolicyExample: Sendable {
    let situation: String
    let settlement: Settlement
    /// Who is told what, each in its own words.
    let told: [(side: Side, value: FieldValue?)]
    /// The rule, if one was asked.
    let rule: PolicyRule?

    /// - Returns: `nil` where there is nothing to settle.
    init?(_ situation: Situation, under policy: Policy) {
        let plan = situation.rehearse(policy, telling: .connected)
        guard let settlement = plan.settlements.first else { return nil }
        self.situation = situation.name
        self.settlement = settlement
        let sides = situation.sides
        told = plan.orders.map { order in
            let words = order.side == .workflow ? sides.workflowWords : sides.journeyWords
            return (order.side, order.value.flatMap(words.word))
        }
        rule = settlement.rule.map { policy.rules[$0] }
    }
}

extension JSONWriter {
    fileprivate mutating func remark(_ remark: PolicyJudgement.Remark) {
        beginObject()
        member("severity", remark.isError ? "error" : "warning")
        member("line", remark.line)
        member("place", remark.place)
        member("message", remark.message)
        endObject()
    }

    fileprivate mutating func example(_ example: PolicyExample) {
        let finding = example.settlement.finding
        beginObject()
        member("situation", example.situation)
        member("path", "\(finding.path)")
        member("found", finding.kind.rawValue)
        member("base", finding.base)
        member("workflow", finding.workflow)
        member("journey", finding.journey)
        member("rule", example.settlement.rule)
        switch example.settlement.outcome {
        case .stands(let value, let winner):
            member("outcome", "stands")
            member("value", value)
            member("winner", winner?.rawValue)
            member("reason", String?.none)
        case .waits(let reason):
            member("outcome", "waits")
            member("value", FieldValue?.none)
            member("winner", String?.none)
            member("reason", reason.rawValue)
        case .accepted:
            member("outcome", "accepted")
            member("value", FieldValue?.none)
            member("winner", String?.none)
            member("reason", Settlement.Waiting.unsettable.rawValue)
        }
        key("told")
        array { list in
            for (side, value) in example.told {
                list.object { told in
                    told.member("side", side.rawValue)
                    told.member("value", value)
                }
            }
        }
        endObject()
    }

    private mutating func member(_ name: StaticString, _ value: FieldValue?) {
        key(name)
        if let value { self.value(value.json) } else { null() }
    }
}
