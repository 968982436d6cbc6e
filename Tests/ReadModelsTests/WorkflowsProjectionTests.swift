import EventModel
import EventSourcingTesting
import FoundationEssentials
import ReadModels
import Testing

@Suite struct `Workflows projection` {
    private let projection = WorkflowsProjection()

    private let key = RowKey([.text("default"), .text("w1")])

    @Test func `an import makes a row of everything people ask for`() throws {
        let rows = try projection.view([Fact("workflow-w1", "workflow.imported", workflowData())])
        #expect(
            rows == [
                key: Row([
                    .text("default"), .text("w1"), .text("Order"), .text("Takes orders"), .text("state"), .text("aa"),
                    .int(1),
                    .int(3), .int(2), .int(0), .int(1), .int(4), .text("order.json"), .int(1), .int(1),
                    .timestamp(moment(1)), .timestamp(moment(1)),
                ])
            ])
    }

    @Test func `a revision replaces the content and keeps where it all began`() throws {
        let rows = try projection.view([
            Fact("account-x", "account.opened"),
            Fact("workflow-w1", "workflow.imported", workflowData()),
            Fact(
                "workflow-w1", "workflow.revised",
                workflowData(name: #""Orders""#, blocks: "5", digest: "bb", more: #""revision":2,"#)),
        ])
        let row = try #require(rows[key])
        #expect(row.values[2] == .text("Orders"))
        #expect(row.values[5...7] == [.text("bb"), .int(2), .int(5)])
        #expect(row.values[13...] == [.int(2), .int(3), .timestamp(moment(2)), .timestamp(moment(3))])
    }

    @Test func `a workflow without name and description has neither`() throws {
        let rows = try projection.view([
            Fact("workflow-w1", "workflow.imported", workflowData(name: "null", metadata: "{}"))
        ])
        #expect(rows[key]?.values[2...3] == [.null, .null])
    }

    @Test func `workflows of two workspaces and ids are two rows`() throws {
        let rows = try projection.view([
            Fact("workflow-w1", "workflow.imported", workflowData()),
            Fact("workflow-w-2", "workflow.imported", workflowData()),
        ])
        #expect(Set(rows.keys) == [key, RowKey([.text("default"), .text("w-2")])])
    }

    @Test func `a key spelled with escapes is the same key`() throws {
        let data = workflowData().replacing(#""digest""#, with: #""di\u0067est""#)
        #expect(try projection.view([Fact("workflow-w1", "workflow.imported", data)])[key]?.values[5] == .text("aa"))
    }

    @Test(arguments: [
        (workflowData().replacing(#""digest":"aa","#, with: ""), ProjectionFault.Reason.missingField("digest")),
        (workflowData().replacing(#""blocks":3,"#, with: ""), .missingField("counts.blocks")),
        (workflowData(blocks: "-1"), .wrongType(field: "counts.blocks", expected: "a count", found: "number")),
        (workflowData(blocks: #""3""#), .wrongType(field: "counts.blocks", expected: "a count", found: "string")),
        (workflowData(name: "7"), .wrongType(field: "name", expected: "a string", found: "number")),
        ("[1]", .notAnObject(found: "array")),
        (#"{"name":"x"#, .payload(.unexpectedEnd(wanted: .quote, at: 10))),
    ])
    func `a payload that cannot be folded says which field is wrong`(_ data: String, _ reason: ProjectionFault.Reason) {
        #expect(projection.fault(Fact("workflow-w1", "workflow.imported", data)) == reason)
    }

    @Test func `the samples of the schemas fold into a row`() throws {
        let rows = try projection.view([
            Fact("workflow-w1", "workflow.imported", bytes: try sample("imported.v1")),
            Fact("workflow-w1", "workflow.revised", bytes: try sample("revised.v1")),
        ])
        let row = try #require(rows[key])
        #expect(
            row.values[2...4] == [
                .text("Refund a customer"), .text("Small refunds are paid at once."), .text("sim-export-1.0"),
            ])
        #expect(row.values[6...12] == [.int(2), .int(4), .int(3), .int(0), .int(0), .int(1), .text("refund.json")])
    }

    private func sample(_ name: String) throws -> [UInt8] {
        try ProjectFiles.bytes("\(ProjectFiles.eventSchemas(of: "workflow"))/\(name).sample.json")
    }

    @Test func `a revision without its number is a fault`() {
        #expect(projection.fault(Fact("workflow-w1", "workflow.revised", workflowData())) == .missingField("revision"))
    }

    @Test func `a newer schema is a fault that names both versions`() {
        let fact = Fact("workflow-w1", "workflow.imported", workflowData(), schemaVersion: 3)
        #expect(projection.fault(fact) == .unknownSchema(version: 3, newest: 2))
        let edit = Fact("workflow-w1", "workflow.renamed", "{}", schemaVersion: 2)
        #expect(projection.fault(edit) == .unknownSchema(version: 2, newest: 1))
    }

    @Test func `edits move name, size, digest and revision, and leave where the workflow came from`() throws {
        let facts = try [
            "imported.v2", "renamed.v1", "block_added.v1", "edge_added.v1", "published.v1", "archived.v1",
        ].map { name in
            Fact(
                "workflow-w1", "workflow.\(name.dropLast(3))", bytes: try sample(name),
                schemaVersion: name.hasSuffix("2") ? 2 : 1)
        }
        let row = try #require(try projection.view(facts)[key])
        #expect(row.values[2] == .text("Refund a customer quickly") && row.values[4] == .text("sim-export-1.0"))
        #expect(row.values[6...12] == [.int(11), .int(6), .int(5), .int(1), .int(0), .int(1), .text("refund.json")])
        #expect(row.values[13...] == [.int(1), .int(4), .timestamp(moment(1)), .timestamp(moment(4))])
        let replaced = Fact("workflow-w1", "workflow.replaced", bytes: try sample("replaced.v1"))
        let after = try #require(try projection.view(facts + [replaced])[key])
        #expect(after.values[2] == .text("Refund a customer") && after.values[7] == .int(3))
    }

    @Test(arguments: ["sealed", "erased"]) func `a file's name that is hidden is said to be`(_ word: String) throws {
        let hidden =
            word == "sealed"
            ? SealedValue(subject: "workspace:default", key: "1", ciphertext: "AA").value
            : SealedValue.erased(subject: "workspace:default")
        var data = try JSONValue(try sample("imported.v2")).object ?? JSONObject()
        data["source"] = hidden
        data["values"] = hidden
        let fact = Fact(
            "workflow-w1", "workflow.imported", bytes: JSONValue.object(data).compactBytes(), schemaVersion: 2)
        #expect(try projection.view([fact])[key]?.values[12] == .text(word))
    }

    private func imported(sealedWith key: String) throws -> Fact {
        var data = try JSONValue(try sample("imported.v2")).object ?? JSONObject()
        data["source"] = SealedValue(subject: "workspace:default", key: key, ciphertext: "AA").value
        return Fact("workflow-w1", "workflow.imported", bytes: JSONValue.object(data).compactBytes(), schemaVersion: 2)
    }

    private func erasure(of subject: String, in stream: String = "workflow-w1") throws -> Fact {
        let event = SubjectErased(
            erasure: UUID(), subject: try DataSubject(subject), keys: [1], through: GlobalPosition(1),
            extent: SubjectErased.Extent(events: 1, values: 1, bytes: 1), receipt: nil)
        return Fact(stream, "subject.erased", bytes: SubjectEvent.erased(event).encoded())
    }

    @Test func `a sealed name is shown as erased from the erasure on, and as sealed once it is imported anew`() throws {
        let first = try imported(sealedWith: "1")
        let before = try #require(try projection.view([first])[key])
        #expect(before.values[12] == .text("sealed"))
        let facts = [first, try erasure(of: "workspace:default")]
        let erased = try #require(try projection.view(facts)[key])
        #expect(erased.values[12] == .text("erased") && erased.values[..<12] == before.values[..<12])
        #expect(erased.values[13...] == [.int(1), .int(2), .timestamp(moment(1)), .timestamp(moment(2))])
        let anew = try #require(try projection.view(facts + [try imported(sealedWith: "2")])[key])
        #expect(anew.values[12] == .text("sealed") && anew.values[14] == .int(3))
    }

    @Test func `an erasure elsewhere, of somebody else, or that cannot be read leaves a row as it is`() throws {
        let first = try imported(sealedWith: "1")
        let row = try projection.view([first])
        for other in [
            try erasure(of: "workspace:default", in: "workflow-w2"), try erasure(of: "workspace:other"),
            try erasure(of: "workspace:default", in: "subject-0f"), try erasure(of: "customer:7"),
            Fact("workflow-w1", "subject.erased", #"{"subject":"workspace:default"}"#),
        ] {
            #expect(try projection.view([first, other]) == row)
        }
        // What stands in plain, from before names were sealed, no erasure takes away.
        let plain = Fact("workflow-w1", "workflow.imported", workflowData())
        let erased = try erasure(of: "workspace:default")
        #expect(try projection.view([plain, erased]) == projection.view([plain]))
        #expect(try projection.view([erased]).isEmpty)
    }

    @Test func `an edit of what was never imported makes no row`() throws {
        #expect(try projection.view([Fact("workflow-w1", "workflow.renamed", bytes: try sample("renamed.v1"))]).isEmpty)
    }

    @Test func `a fault names projection, position, type, cause and cure, and no payload`() throws {
        let facts = [
            Fact("account-x", "account.opened"), Fact("workflow-w1", "workflow.imported", #"{"name":"secret"}"#),
        ]
        let fault = try #require(throws: ProjectionFault.self) { try projection.view(facts) }
        #expect(fault.position == GlobalPosition(2))
        #expect(fault.description.hasPrefix("workflows_v2 cannot fold the event at position 2 (workflow.imported, id "))
        #expect(fault.description.contains("no field format; install a version that understands it"))
        #expect(!fault.description.contains("secret"))
    }

    @Test func `no prefix or mutation of a payload traps`() {
        let whole = Array(workflowData().utf8)
        for length in whole.indices {
            _ = try? projection.view([Fact("workflow-w1", "workflow.imported", bytes: Array(whole[..<length]))])
            for byte in [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "{"), UInt8(ascii: "]"), 0, 0xff] {
                var mutated = whole
                mutated[length] = byte
                _ = try? projection.view([Fact("workflow-w1", "workflow.imported", bytes: mutated)])
            }
        }
    }

    @Test func `the columns are the contract's, in its order`() {
        #expect(
            projection.table.columns.map(\.name).joined(separator: " ")
                == "workspace workflow_id name description format digest revision blocks edges loops parallels variables source "
                + "first_position last_position imported_at updated_at")
        #expect(projection.table.generationName == "workflows_v2")
    }
}
