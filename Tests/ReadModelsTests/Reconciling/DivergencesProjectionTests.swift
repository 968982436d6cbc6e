import EventModel
import FoundationEssentials
import ReadModels
import Testing

@Suite struct `Divergences projection` {
    private let projection = DivergencesProjection()
    private static let first = "0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01"
    private static let second = "0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e02"

    /// What every one of them says of what was found.
    private static func found(_ more: String) -> String {
        """
        {"path":"variables/amount","kind":"conflict","base":{"value":100},"workflow":{"value":1.50,"position":8,"actor":"engine"},\
        "journey":{"value":null,"position":9},"workflow_subject":"execution:e","journey_subject":"customer:c",\
        "compared":{"workflow":12,"journey":7,"mapping":"refund","mapping_version":3},"at":"2026-03-01T10:00:00Z"\(more)}
        """
    }

    private static func queued(_ id: String = first, _ more: String = "", actor: String = "reconciler") -> Fact {
        let rule = #","rule":{"name":"manual","place":2,"policy":"house","version":4}"#
        return Fact(
            "reconciliation-e", "reconciliation.conflict_queued",
            found(#","conflict":"\#(id)","reason":"manual"\#(rule)\#(more)"#), actor: actor)
    }

    private static func resolved(_ more: String, id: String = second, actor: String = "ada") -> Fact {
        Fact("reconciliation-e", "reconciliation.resolved", found(#","resolution":"\#(id)"\#(more)"#), actor: actor)
    }

    private func rows(_ facts: [Fact]) throws -> [[String: ColumnValue]] {
        try projection.view(facts).values.map { row in
            Dictionary(uniqueKeysWithValues: zip(projection.table.columns.map(\.name), row.values))
        }
    }

    private func row(_ facts: [Fact]) throws -> [String: ColumnValue] {
        let rows = try rows(facts)
        #expect(rows.count == 1)
        return rows.first ?? [:]
    }

    private func json(_ text: String) -> ColumnValue { .json(Array(text.utf8)) }

    @Test func `a conflict that waits is open, with both sides, their origins and why`() throws {
        let row = try row([Self.queued(Self.first, #","attempts":5,"history":["\#(Self.second)"]"#)])
        let expected: [String: ColumnValue] = [
            "workspace": .text("default"), "execution_id": .text("e"),
            "id": .uuid(try #require(UUID(uuidString: Self.first))), "workflow_id": .text("refund"),
            "field": .text("variables/amount"), "members": .null, "kind": .text("conflict"), "side": .null,
            "state": .text("open"), "reason": .text("manual"), "attempts": .int(5), "base": json("100"),
            "workflow": json("1.50"), "workflow_position": .int(8), "workflow_actor": .text("engine"),
            "journey": json("null"), "journey_position": .int(9), "journey_actor": .null,
            "workflow_subject": .text("execution:e"), "journey_subject": .text("customer:c"),
            "workflow_version": .int(12), "journey_version": .int(7), "mapping_version": .int(3), "outcome": .null,
            "winner": .null, "loser": .null, "owner": .null, "rule": .text("manual"), "rule_place": .int(2),
            "policy": .text("house"), "policy_version": .int(4), "cause": .null, "decision": .null,
            "reverses": .null, "effects": json("[]"), "history": json(#"["\#(Self.second)"]"#),
            "opened_by": .text("reconciler"), "settled_by": .null, "opened_at": .timestamp(moment(1)),
            "settled_at": .null, "first_position": .int(1), "last_position": .int(1),
        ]
        for (name, value) in expected { #expect(row[name] == value, "\(name)") }
        #expect(row.count == expected.count)
    }

    @Test func `a decision without a conflict has a row of its own, with winner, loser, rule and effects`() throws {
        let row = try row([
            Self.resolved(
                #","winner":"journey","cause":"comparison","owner":"journey","effects":["\#(Self.first)"],"rule":{"name":"latest","place":0,"policy":"p","version":1}"#
            )
        ])
        #expect(row["id"] == .uuid(try #require(UUID(uuidString: Self.second))) && row["decision"] == row["id"])
        #expect(row["state"] == .text("resolved") && row["outcome"] == json("null"))
        #expect(row["winner"] == .text("journey") && row["loser"] == .text("workflow"))
        #expect(row["owner"] == .text("journey") && row["cause"] == .text("comparison"))
        #expect(row["rule"] == .text("latest") && row["policy"] == .text("p"))
        #expect(row["effects"] == json(#"["\#(Self.first)"]"#) && row["reason"] == .null)
        #expect(row["opened_at"] == row["settled_at"] && row["settled_by"] == .text("ada"))
    }

    @Test func `what a person says of a conflict goes into its row`() throws {
        let row = try row([
            Self.queued(),
            Self.resolved(#","cause":"person","conflict":"\#(Self.first)","given":{"value":{"b":1,"a":2}}"#),
        ])
        #expect(row["id"] == .uuid(try #require(UUID(uuidString: Self.first))))
        #expect(row["state"] == .text("resolved") && row["cause"] == .text("person"))
        #expect(row["winner"] == .null && row["loser"] == .null && row["outcome"] == json(#"{"b":1,"a":2}"#))
        #expect(row["decision"] == .uuid(try #require(UUID(uuidString: Self.second))))
        #expect(row["reason"] == .text("manual") && row["rule"] == .text("manual"))
        #expect(row["opened_at"] == .timestamp(moment(1)) && row["settled_at"] == .timestamp(moment(2)))
        #expect(row["opened_by"] == .text("reconciler") && row["settled_by"] == .text("ada"))
        #expect(row["first_position"] == .int(1) && row["last_position"] == .int(2))
    }

    @Test func `a flip names what it takes back, and nothing may be what stands`() throws {
        let row = try row([
            Self.resolved(#","cause":"flip","reverses":"\#(Self.first)","winner":"workflow","given":{}"#)
        ])
        #expect(row["cause"] == .text("flip") && row["outcome"] == .null && row["loser"] == .text("journey"))
        #expect(row["reverses"] == .uuid(try #require(UUID(uuidString: Self.first))))
    }

    @Test(arguments: [(true, "comparison"), (false, "person")])
    func `an accepted difference says who accepts it, by a rule or by hand`(_ hasRule: Bool, _ cause: String) throws {
        let rule = hasRule ? #","rule":{"name":"latest","place":1,"policy":"p","version":1}"# : ""
        let accepted = Fact(
            "reconciliation-e", "reconciliation.divergence_accepted",
            Self.found(#","divergence":"\#(Self.second)","conflict":"\#(Self.first)"\#(rule)"#), actor: "ada")
        let row = try row([Self.queued(), accepted])
        #expect(row["state"] == .text("accepted") && row["cause"] == .text(cause) && row["outcome"] == .null)
        #expect(row["decision"] == .uuid(try #require(UUID(uuidString: Self.second))))
        #expect(row["rule"] == .text(hasRule ? "latest" : "manual"))
        // Of a conflict that nobody has told of before, everything that is known is there all the same.
        #expect(try self.row([accepted])["id"] == row["id"])
    }

    @Test func `a conflict lapses once, and not after it was settled`() throws {
        let lapsed = Fact(
            "reconciliation-e", "reconciliation.conflict_lapsed",
            #"{"conflict":"\#(Self.first)","path":"variables/amount"}"#)
        let row = try row([Self.queued(), lapsed, lapsed])
        #expect(row["state"] == .text("lapsed") && row["settled_at"] == .timestamp(moment(2)))
        #expect(row["cause"] == .null && row["decision"] == .null)
        let settled = [
            Self.queued(), Self.resolved(#","cause":"person","conflict":"\#(Self.first)","winner":"journey""#),
        ]
        #expect(try rows(settled + [lapsed]) == rows(settled))
        #expect(try rows([lapsed]).isEmpty)
    }

    @Test func `one id in two executions is two rows`() throws {
        var other = Self.queued()
        other.stream = "reconciliation-f"
        #expect(try rows([Self.queued(), other]).count == 2)
    }

    @Test func `what is sealed stays as it is stored, byte for byte, and an erasure changes no row`() throws {
        let sealed = #"{"$sealed":{"subject":"customer:c","key":"1","ct":"AAAA"}}"#
        let data = Self.found(#","conflict":"\#(Self.first)","reason":"manual","members":\#(sealed)"#)
            .replacing(#""journey":{"value":null"#, with: #""journey":{"value":\#(sealed)"#)
        let fact = Fact("reconciliation-e", "reconciliation.conflict_queued", data)
        let row = try row([fact])
        #expect(row["journey"] == json(sealed) && row["members"] == json(sealed))
        let erased = Fact("reconciliation-e", "subject.erased", #"{"subject":"customer:c"}"#)
        #expect(try self.row([fact, erased]) == row)
    }

    @Test func `a word is a text, and what cannot be read is hidden`() throws {
        let data = Self.found(#","conflict":"\#(Self.first)","reason":"unreadable""#)
            .replacing(#""value":100"#, with: #""word":"running""#)
            .replacing(#""value":1.50"#, with: #""hidden":true"#)
        let row = try row([Fact("reconciliation-e", "reconciliation.conflict_queued", data)])
        #expect(row["base"] == json(#""running""#) && row["workflow"] == json(#"{"$hidden":true}"#))
    }

    @Test(arguments: [
        ("resolved", "{}"), ("conflict_queued", "{}"), ("divergence_accepted", "{}"), ("conflict_lapsed", "{}"),
        ("conflict_lapsed", #"{"conflict":7}"#), ("conflict_lapsed", #"{"conflict":"x"}"#),
        ("conflict_queued", #"{"conflict":"\#(first)"}"#), ("conflict_queued", "[]"), ("resolved", "{"),
        ("resolved", found(#","resolution":"\#(second)""#)),
        ("resolved", found(#","resolution":"\#(second)","cause":"comparison","winner":"nobody""#)),
        (
            "conflict_queued",
            found(#","conflict":"\#(first)","reason":"manual""#).replacing(#"{"value":100}"#, with: "100")
        ),
        (
            "conflict_queued",
            found(#","conflict":"\#(first)","reason":"manual""#).replacing(#""position":8"#, with: #""position":"8""#)
        ),
    ])
    func `what its schema does not allow is a fault, never a guess`(_ type: String, _ data: String) {
        #expect(projection.fault(Fact("reconciliation-e", "reconciliation.\(type)", data)) != nil)
    }
}
