import EventModel
import ReadModels
import Testing

@Suite struct `Policies projection` {
    private let projection = PoliciesProjection()

    private func published(_ version: Int, scope: String = "{}") -> Fact {
        Fact(
            "policy-house", "policy.published",
            #"{"name":"house","version":\#(version),"digest":"d\#(version)","scope":\#(scope),"text":"policy: house\n"}"#,
            actor: "ada")
    }

    private func superseded(_ version: Int, by successor: Int) -> Fact {
        Fact("policy-house", "policy.superseded", #"{"version":\#(version),"successor":\#(successor)}"#)
    }

    private func key(_ version: Int64) -> RowKey { RowKey([.text("default"), .text("house"), .int(version)]) }

    @Test func `a publication makes a row of its version, with its text and its scope`() throws {
        let rows = try projection.view([published(2, scope: #"{"workspace":"shop","workflow":"refund"}"#)])
        #expect(
            rows == [
                key(2): Row([
                    .text("default"), .text("house"), .int(2), .text("d2"), .text("shop"), .text("refund"),
                    .text("policy: house\n"), .bool(true), .null, .text("ada"), .timestamp(moment(1)), .null, .int(1),
                    .int(1),
                ])
            ])
    }

    @Test func `of several versions the highest is current`() throws {
        let rows = try projection.view([published(1), superseded(1, by: 4), published(4)])
        #expect(rows[key(1)]?.values[7...8] == [.bool(false), .int(4)])
        #expect(rows[key(1)]?.values[11] == .timestamp(moment(2)))
        #expect(rows[key(4)]?.values[7...8] == [.bool(true), .null])
    }

    @Test func `a version that was never published makes no row`() throws {
        #expect(try projection.view([superseded(1, by: 2)]).isEmpty)
    }

    @Test func `what its schema does not allow is a fault`() {
        for data in ["{}", #"{"version":-1}"#, #"{"version":1}"#, #"{"version":1,"digest":"d"}"#, "[]"] {
            #expect(projection.fault(Fact("policy-house", "policy.published", data)) != nil, "\(data)")
        }
    }
}
