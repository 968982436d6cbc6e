import EventModel
import Testing
import WorkflowDomain

@Suite("Reading workflow files") struct WorkflowFileTests {
    @Test(arguments: [
        (#"{"version":"1.0","exportedAt":"t","state":S}"#, WorkflowFormat.export),
        (#"{"version":"1.0","state":S}"#, .export),
        (#"{"data":{"version":"1.0","workflow":{"id":"w"},"state":S}}"#, .apiV2),
        (#"{"workflow":{"id":"w"},"state":S}"#, .apiV2),
        ("S", .state), (#"{"state":S}"#, .wrappedState), (#"{"blocks":B,"edges":[]}"#, .legacyState),
        (#"{"blocks":[{"id":"a","metadata":{"id":"agent","name":"A"}}],"connections":[]}"#, .serialized),
        (#"{"version":"1.0","blocks":{"a":{"type":"agent","name":"A"}}}"#, .yaml),
        (#"{"blocks":{"a":{"type":"agent","name":"A","inputs":{}}}}"#, .yamlFragment),
        ("version: '1.0'\nblocks:\n  a:\n    type: agent\n    name: A\n", .yaml),
        ("blocks:\n  a:\n    type: agent\n    name: A\n", .yamlFragment), ("\u{FEFF}S", .state),
    ])
    func `the format is told by structure`(_ template: String, _ format: WorkflowFormat) throws {
        let blocks = #"{"a":{"id":"a","type":"agent","name":"A","subBlocks":{}}}"#
        let state = #"{"blocks":B,"edges":[],"loops":{},"parallels":{}}"#
        let text = template.split(separator: "S", omittingEmptySubsequences: false).joined(separator: state)
            .split(separator: "B", omittingEmptySubsequences: false).joined(separator: blocks)
        let reading = try read(text)
        #expect(reading.format == format && reading.definition.blocks.map(\.id) == ["a"] && reading.warnings.isEmpty)
    }

    @Test(arguments: [
        ("", WorkflowFormatError.empty), (" \n", .empty), ("[1]", .unrecognised(found: ["(array)"])),
        ("just words", .unrecognised(found: ["(string)"])), (#"{"a":1,"b":2}"#, .unrecognised(found: ["a", "b"])),
        ("{}", .unrecognised(found: [])), (#"{"blocks":[1]}"#, .unrecognised(found: ["blocks"])),
        (#"{"blocks":{}}"#, .unrecognised(found: ["blocks"])), ("PK\u{3}\u{4}rest", .archive),
        (#"{"version":"2.0","state":{"blocks":{},"edges":[]}}"#, .unsupportedVersion("2.0", of: .export)),
        (#"{"version":3,"blocks":{"a":{"type":"x","name":"y"}}}"#, .unsupportedVersion("3", of: .yaml)),
        (
            #"{"state":{"blocks":{},"edges":[]},"blocks":{},"edges":[]}"#,
            .ambiguous([.wrappedState, .legacyState], found: ["state", "blocks", "edges"])
        ), (#"{"a":1,"a":2}"#, .json(.duplicateKey("a", at: 7))),
    ])
    func `what is no workflow is refused with what was found`(_ text: String, _ error: WorkflowFormatError) {
        #expect(throws: error) { try read(text) }
        #expect(!error.description.isEmpty)
    }

    @Test func `edges beside blocks with connections are ambiguous`() {
        let text =
            #"{"blocks":{"a":{"type":"x","name":"y","connections":{"success":"b"}}},"edges":[{"source":"a","target":"b"}]}"#
        #expect(throws: WorkflowFormatError.ambiguous([.legacyState, .yaml], found: ["blocks", "edges"])) {
            try read(text)
        }
    }

    @Test func `sizes are limited and the message says how big it is`() {
        let long = String(repeating: "x", count: WorkflowLimits.definitionBytes)
        let text = #"{"blocks":{"a":{"id":"a","type":"agent","name":"\#(long)"}},"edges":[]}"#
        #expect {
            try read(text)
        } throws: { error in
            guard case .definitionTooLarge(let bytes, let limit) = error as? WorkflowFormatError else { return false }
            return bytes > limit && limit == WorkflowLimits.definitionBytes
        }
        let huge = [UInt8](repeating: 0x20, count: WorkflowLimits.fileBytes + 1)
        #expect(throws: WorkflowFormatError.fileTooLarge(bytes: huge.count, limit: WorkflowLimits.fileBytes)) {
            try WorkflowFile.read(huge, name: "huge")
        }
    }

    @Test func `API v2 tells more about the workflow`() throws {
        let workflow = #"{"id":"w-1","name":"Real","description":null,"workspaceId":"ws","folderPath":"A/B"}"#
        let reading = try read(
            #"{"data":{"version":"1.0","workflow":\#(workflow),"state":{"blocks":{"a":{"type":"agent","name":"A"}},"edges":[],"#
                + #""metadata":{"name":"Old","description":"D"}}}}"#)
        #expect(reading.definition.name == "Real" && reading.definition.summary == "D")
        #expect(
            reading.definition.metadata["workspaceId"] == "ws" && reading.definition.metadata["folderPath"] == "A/B")
        #expect(reading.id.text == "w-1" && reading.idOrigin == .file)
    }
}

@Suite("Workflow ids") struct WorkflowIDTests {
    private static func file(_ metadata: String) -> String {
        #"{"blocks":{"a":{"type":"agent","name":"A"}},"edges":[],"metadata":\#(metadata)}"#
    }

    @Test(arguments: [
        (#"{"name":"Refund a Customer!"}"#, nil, "refund-a-customer", WorkflowIDOrigin.name),
        (#"{"name":"Refund","id":"wf_1.2:3"}"#, nil, "wf_1.2:3", .file),
        (#"{"name":"Refund","id":"wf"}"#, "mine", "mine", .chosen),
        (#"{}"#, nil, "my-file-v2", .fileName), (#"{"name":"返金"}"#, nil, "workflow-fa5fb1e2", .name),
        (#"{"name":"Café"}"#, nil, "caf-73473dcc", .name), (#"{"name":"---"}"#, nil, "workflow-cb3f91d5", .name),
    ])
    func `come from the caller, the file, the name, the file's name`(
        _ metadata: String, _ chosen: String?, _ id: String, _ origin: WorkflowIDOrigin
    ) throws {
        let reading = try read(Self.file(metadata), name: "/some/where/My File.v2.json", chosenID: chosen)
        #expect(reading.id.text == id && reading.idOrigin == origin && reading.sourceName == "My File.v2.json")
    }

    @Test func `that cannot be a stream's key are refused with the cure`() {
        let long = String(repeating: "x", count: 201)
        for (metadata, chosen, path) in [
            (#"{"id":"a/b"}"#, nil, JSONPath.root["metadata"]["id"]), ("{}", "a b", .root), ("{}", "", .root),
            ("{}", long, .root),
            ("{}", "é", .root),
        ] as [(String, String?, JSONPath)] {
            #expect {
                try read(Self.file(metadata), chosenID: chosen)
            } throws: { error in
                guard case .problems(let problems, _) = error as? WorkflowFormatError else { return false }
                return problems.map(\.path) == [path] && problems[0].description.contains("--id")
            }
        }
    }

    @Test func `different names beyond ASCII or beyond the length get different ids`() {
        let names = ["退款", "付款", String(repeating: "a", count: 65), String(repeating: "a", count: 66), "a\u{301}", "á"]
        let ids = names.compactMap { WorkflowID.derived(fromName: $0) }
        #expect(Set(ids).count == names.count && ids.allSatisfy { WorkflowID($0.text) != nil })
        #expect(WorkflowID.derived(fromName: "") == nil)
    }
}
