import EventModel
import EventSourcingTesting
import ReadModels
import Testing

@Suite struct `Journeys projection` {
    private let projection = JourneysProjection()
    private let key = RowKey([.text("default"), .text("j1")])

    private func data(
        title: String = #""Refund""#, origin: String = #"{"kind":"converted","version":7,"workflow":"w"}"#,
        states: String = "3", more: String = "", values: String = #"{"conditions":["c"],"description":"Pays back"}"#
    ) -> String {
        """
        {"counts":{"conditions":1,"states":\(states),"transitions":2},"definition":{\
        "labels":["a","b"],"nodes":{"x":{"description":"not the journey's","title":"nor this"}},"priority":5,"root_id":"r","title":"T"},\
        "digest":"aa",\(more)"origin":\(origin),"title":\(title),"values":\(values)}
        """
    }

    @Test func `a creation makes a row of everything people ask for`() throws {
        let rows = try projection.view([Fact("journey-j1", "journey.created", data())])
        #expect(
            rows == [
                key: Row([
                    .text("default"), .text("j1"), .text("Refund"), .text("Pays back"), .text("r"), .int(3), .int(2),
                    .int(1), .json(Array(#"["a","b"]"#.utf8)), .int(5), .text("aa"), .int(1), .text("converted"),
                    .text("w"), .int(7), .null, .int(1), .int(1), .timestamp(moment(1)), .timestamp(moment(1)),
                ])
            ])
        #expect(projection.table.admits(try #require(rows[key])))
    }

    @Test func `a revision replaces the content and keeps where it all began`() throws {
        let rows = try projection.view([
            Fact("account-x", "account.opened"), Fact("journey-j1", "journey.created", data()),
            Fact(
                "journey-j1", "journey.revised",
                data(origin: #"{"kind":"parlant"}"#, states: "4", more: #""revision":2,"#)),
        ])
        let row = try #require(rows[key])
        #expect(row.values[5] == .int(4) && row.values[11] == .int(2))
        #expect(row.values[12...14] == [.text("parlant"), .null, .null])
        #expect(row.values[16...] == [.int(2), .int(3), .timestamp(moment(2)), .timestamp(moment(3))])
    }

    @Test(arguments: [
        SealedValue(subject: "workspace:default", key: "1", ciphertext: "AAAA").value,
        SealedValue.erased(subject: "workspace:default"),
    ]) func `what is sealed or erased is null, and everything else is there`(_ hidden: JSONValue) throws {
        let values = String(decoding: hidden.compactBytes(), as: UTF8.self)
        let open = try #require(try projection.view([Fact("journey-j1", "journey.created", data())])[key])
        let row = try #require(try projection.view([Fact("journey-j1", "journey.created", data(values: values))])[key])
        #expect(row.values[3] == .null && open.values[3] == .text("Pays back"))
        #expect(row.values[..<3] == open.values[..<3] && row.values[4...] == open.values[4...])
        #expect(projection.table.admits(row))
        let revised = data(more: #""revision":2,"#, values: values)
        let facts = [Fact("journey-j1", "journey.created", data()), Fact("journey-j1", "journey.revised", revised)]
        #expect(try projection.view(facts)[key]?.values[3] == .null)
    }

    @Test func `a name, an archiving and a restoring change what they say`() throws {
        var facts = [
            Fact("journey-j1", "journey.created", data()),
            Fact(
                "journey-j1", "journey.renamed",
                #"{"digest":"bb","previousDigest":"aa","previousTitle":"Refund","revision":2,"title":"Return"}"#),
            Fact("journey-j1", "journey.archived", #"{"reason":null,"revision":2}"#),
        ]
        let archived = try #require(try projection.view(facts)[key])
        #expect(archived.values[2] == .text("Return") && archived.values[10...11] == [.text("bb"), .int(2)])
        #expect(archived.values[15] == .timestamp(moment(3)) && archived.values[17] == .int(3))
        facts.append(Fact("journey-j1", "journey.restored", #"{"revision":2}"#))
        let restored = try #require(try projection.view(facts)[key])
        #expect(restored.values[15] == .null && restored.values[16...17] == [.int(1), .int(4)])
    }

    @Test func `what happens to a journey that was never created makes no row`() throws {
        #expect(try projection.view([Fact("journey-j1", "journey.archived", #"{"reason":null,"revision":2}"#)]).isEmpty)
    }

    @Test func `the samples of the schemas fold into a row`() throws {
        let names = ["created", "revised", "renamed", "archived"]
        let facts = try names.map { Fact("journey-j1", "journey.\($0)", bytes: try sample("\($0).v1")) }
        let row = try #require(try projection.view(facts)[key])
        #expect(
            row.values[2...7] == [
                .text("Refund a customer"), .text("Handle a refund request."), .text("refund.start"), .int(4), .int(5),
                .int(1),
            ])
        #expect(row.values[11...14] == [.int(3), .text("converted"), .text("refund"), .int(2)])
        #expect(row.values[15] == .timestamp(moment(4)))
    }

    private func sample(_ name: String) throws -> [UInt8] {
        try ProjectFiles.bytes("\(ProjectFiles.eventSchemas(of: "journey"))/\(name).sample.json")
    }

    @Test func `a payload that cannot be folded says which field is wrong`() {
        #expect(
            projection.fault(Fact("journey-j1", "journey.created", data(title: "7")))
                == .wrongType(field: "title", expected: "a string", found: "number"))
        #expect(
            projection.fault(Fact("journey-j1", "journey.created", data(origin: "{}"))) == .missingField("origin.kind"))
        #expect(
            projection.fault(Fact("journey-j1", "journey.created", data(states: "-1")))
                == .wrongType(field: "counts.states", expected: "a count", found: "number"))
        #expect(projection.fault(Fact("journey-j1", "journey.revised", data())) == .missingField("revision"))
        #expect(
            projection.fault(Fact("journey-j1", "journey.created", data(), schemaVersion: 3))
                == .unknownSchema(version: 3, newest: 2))
    }

    @Test func `no prefix or mutation of a payload traps`() {
        let whole = Array(data().utf8)
        for length in whole.indices {
            _ = try? projection.view([Fact("journey-j1", "journey.created", bytes: Array(whole[..<length]))])
            for byte in [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "{"), UInt8(ascii: "]"), 0, 0xff] {
                var altered = whole
                altered[length] = byte
                _ = try? projection.view([Fact("journey-j1", "journey.created", bytes: altered)])
            }
        }
    }
}
