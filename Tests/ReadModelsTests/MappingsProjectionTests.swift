import EventModel
import ReadModels
import Testing

@Suite struct `Mappings projection` {
    private func key(_ version: Int64) -> RowKey { RowKey([.text("default"), .text("refund"), .int(version)]) }

    private func proposed(_ version: Int) -> Fact {
        Fact(
            "mapping-refund", "mapping.proposed",
            """
            {"digest":"d\(version)","version":\(version),"mapping":{"rules":1,"workflow":{"id":"refund","digest":"w\(version)"},
            "journey":{"id":"refund","digest":"j"},"nodes":[{"block":"a","states":["refund.a"]}],"edges":[],
            "variables":[{"variable":"v","key":"limit"}]}}
            """)
    }

    private func fact(_ type: String, _ version: Int, _ more: String = "") -> Fact {
        Fact("mapping-refund", "mapping.\(type)", #"{"digest":"d","version":\#(version)\#(more)}"#)
    }

    @Test func `a proposal makes a row of its version`() throws {
        let rows = try MappingsProjection().view([proposed(1)])
        #expect(
            rows == [
                key(1): Row([
                    .text("default"), .text("refund"), .int(1), .text("refund"), .text("d1"), .text("w1"), .text("j"),
                    .int(1), .int(1), .int(0), .int(1), .text("proposed"), .null, .bool(false), .null, .null, .int(1),
                    .int(1), .timestamp(moment(1)), .timestamp(moment(1)),
                ])
            ])
    }

    @Test func `of two versions the one that was activated last is active`() throws {
        let rows = try MappingsProjection().view([
            proposed(1), fact("validated", 1, #","problems":0"#), fact("activated", 1), proposed(2),
            fact("validated", 2, #","problems":0"#), fact("retired", 1, #","successor":2"#), fact("activated", 2),
        ])
        #expect(rows[key(1)]?.values[11] == .text("retired"))
        #expect(rows[key(1)]?.values[13...15] == [.bool(false), .timestamp(moment(3)), .timestamp(moment(6))])
        #expect(rows[key(2)]?.values[11...13] == [.text("active"), .int(0), .bool(true)])
    }

    @Test func `a version with problems is invalid`() throws {
        let rows = try MappingsProjection().view([proposed(1), fact("validated", 1, #","problems":3"#)])
        #expect(rows[key(1)]?.values[11...12] == [.text("invalid"), .int(3)])
    }

    @Test func `an event of a version that was never proposed makes no row`() throws {
        #expect(try MappingsProjection().view([fact("activated", 7)]).isEmpty)
    }

    @Test func `a proposal without a mapping is a fault that names the field`() {
        #expect(throws: ProjectionFault.self) {
            try MappingsProjection().view([Fact("mapping-refund", "mapping.proposed", #"{"digest":"d","version":1}"#)])
        }
    }
}
