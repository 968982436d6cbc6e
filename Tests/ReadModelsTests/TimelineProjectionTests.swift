import EventModel
import ReadModels
import Testing

@Suite struct `Timeline projection` {
    private let projection = TimelineProjection()

    private func rows(_ facts: [Fact]) throws -> [Row] {
        var fold = NaiveFold(projection)
        try fold.fold(history(facts))
        return (1...facts.count).compactMap { fold.rows[RowKey([.int(Int64($0))])] }
    }

    private func summary(_ type: String, _ data: String) throws -> String {
        guard case .text(let summary) = try rows([Fact("workflow-w1", type, data)])[0].values[7] else { return "" }
        return summary
    }

    @Test func `every event of any type has a row`() throws {
        let rows = try rows([
            Fact("workflow-w1", "workflow.imported", workflowData(), actor: "ana"),
            Fact("journey_session-e-1", "journey_session.state_entered"),
        ])
        #expect(
            rows == [
                Row([
                    .int(1), .text("default"), .text("workflow-w1"), .text("workflow"), .text("w1"), .int(1),
                    .text("workflow.imported"), .text("Workflow “Order” imported: 3 blocks, 2 edges"), .text("ana"),
                    .null,
                    .timestamp(moment(1)), .timestamp(moment(1)),
                ]),
                Row([
                    .int(2), .text("default"), .text("journey_session-e-1"), .text("journey_session"), .text("e-1"),
                    .int(1),
                    .text("journey_session.state_entered"), .text("Journey session: state entered"), .null, .null,
                    .timestamp(moment(2)), .timestamp(moment(2)),
                ]),
            ])
    }

    @Test(arguments: [
        (workflowData(name: "null"), "Workflow imported: 3 blocks, 2 edges"),
        (workflowData(blocks: "1", edges: "0"), "Workflow “Order” imported: 1 block, 0 edges"),
        ("{}", "Workflow: imported"), ("[]", "Workflow: imported"), ("{", "Workflow: imported"),
        (workflowData(name: #"{"$sealed":{}}"#), "Workflow imported: 3 blocks, 2 edges"),
    ])
    func `a payload never stops the timeline`(_ data: String, _ expected: String) throws {
        #expect(try summary("workflow.imported", data) == expected)
    }

    @Test func `a name cannot break the line, hide or reorder text`() throws {
        let summary = try summary("workflow.imported", workflowData(name: #""a\nb\u202Ec\u001b[31m""#))
        #expect(summary == "Workflow “a b c [31m” imported: 3 blocks, 2 edges")
    }

    @Test func `a summary has at most 200 characters`() throws {
        let long = String(repeating: "ü", count: 500)
        let summary = try summary(
            "workflow.imported", workflowData(name: #""\#(long)""#, blocks: "9223372036854775807"))
        #expect(summary.unicodeScalars.count <= 200)
        #expect(summary.hasPrefix("Workflow “" + String(repeating: "ü", count: 79) + "…” imported"))
        let type = "a." + String(repeating: "b", count: EventType.lengthLimit - 2)
        #expect(try self.summary(type, "{}").unicodeScalars.count <= 200)
    }

    @Test func `the columns are the contract's, in its order`() {
        #expect(
            projection.table.columns.map(\.name).joined(separator: " ")
                == "position workspace stream category sync_key version type summary actor correlation_id occurred_at recorded_at"
        )
        #expect(projection.table.isAppendOnly)
    }
}
