import EventModel
import EventSourcingTesting
import Testing
import WorkflowDomain

@Suite("Writing workflow files") struct WritingTests {
    /// The formats that hold a whole state.
    private static let whole: [WorkflowFormat] = [.export, .apiV2, .state, .wrappedState]

    private func reread(_ written: WrittenWorkflow) throws -> WorkflowDefinition {
        let reading = try WorkflowFile.read(written.bytes, name: "again")
        #expect(reading.format == written.format)
        return reading.definition
    }

    /// What is written is read as that format; it is the workflow but for what is said to be lost; writing it again gives the same bytes.
    private func check(_ definition: WorkflowDefinition, _ format: WorkflowFormat, _ comment: String) throws {
        let written = try definition.written(as: format)
        let again = try reread(written)
        #expect((again == definition) == written.losses.isEmpty, "\(comment), \(format): \(written.losses)")
        #expect((written.lossCount == 0) == written.losses.isEmpty)
        let second = try again.written(as: format)
        #expect(
            String(decoding: second.bytes, as: UTF8.self) == String(decoding: written.bytes, as: UTF8.self),
            "\(comment), \(format)")
        #expect(try again.written(as: format).losses.isEmpty, "\(comment), \(format): \(second.losses)")
        for loss in written.losses.prefix(WorkflowLimits.findings - 1) {
            let (wanted, found) = (definition.canonicalValue.at(loss.path), again.canonicalValue.at(loss.path))
            switch loss.kind {
            case .lost: #expect(wanted != nil && found == nil, "\(comment), \(format): \(loss)")
            case .added: #expect(wanted == nil && found != nil, "\(comment), \(format): \(loss)")
            case .changed: #expect(wanted != found, "\(comment), \(format): \(loss)")
            }
        }
    }

    // MARK: Round trips

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `every format round-trips all that it does not declare lost`(_ seed: UInt64) throws {
        let definition = try RandomWorkflow(seed: seed).reading().definition
        for format in WorkflowFormat.allCases { try check(definition, format, "seed \(seed)") }
        for format in Self.whole {
            #expect(try definition.written(as: format).losses.isEmpty, "seed \(seed), \(format)")
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `a workflow that came in a format goes back into it without loss`(_ seed: UInt64) throws {
        let workflow = RandomWorkflow(seed: seed)
        for (value, format) in [
            (workflow.serialized, WorkflowFormat.serialized), (workflow.export, .export), (workflow.apiV2, .apiV2),
        ] {
            let definition = try read(value).definition
            let written = try definition.written(as: format)
            #expect(written.losses.isEmpty, "seed \(seed), \(format): \(written.losses)")
            #expect(try reread(written) == definition)
        }
    }

    @Test(arguments: try ProjectFiles.names(in: ProjectFiles.demonstrations))
    func `our demonstrations go through every format`(_ name: String) throws {
        let reading = try WorkflowFile.read(
            try ProjectFiles.bytes("\(ProjectFiles.demonstrations)/\(name)"), name: name)
        for format in WorkflowFormat.allCases { try check(reading.definition, format, name) }
        for format in Self.whole { #expect(try reading.definition.written(as: format).losses.isEmpty, "\(format)") }
        if reading.format != .yaml && reading.format != .legacyState {
            #expect(try reading.definition.written(as: reading.format).losses.isEmpty)
        }
    }

    @Test(.enabled(if: RealWorkflows.arePresent)) func `real workflows go through every format`() throws {
        for row in SampleTests.rows where row.format != "invalid-fixture" {
            let reading = try WorkflowFile.read(
                try ProjectFiles.bytes("\(RealWorkflows.directory)/\(row.file)"), name: row.file)
            for format in WorkflowFormat.allCases { try check(reading.definition, format, row.file) }
            for format in Self.whole {
                #expect(try reading.definition.written(as: format).losses.isEmpty, "\(row.file), \(format)")
            }
        }
    }

    // MARK: Forms

    @Test func `the time of the export and the id stand where Sim has them`() throws {
        let definition = try read(WorkflowEditingTests.chain).definition
        let export = try JSONValue(try definition.written(as: .export, exportedAt: "2026-05-05T00:00:00Z").bytes)
        #expect(export["version"] == "1.0" && export["exportedAt"] == "2026-05-05T00:00:00Z")
        #expect(export["state"]?["metadata"]?["exportedAt"] == "2026-05-05T00:00:00Z")
        #expect(try definition.written(as: .export, exportedAt: "2026-05-05T00:00:00Z").losses.isEmpty)
        let answer = try JSONValue(try definition.written(as: .apiV2, id: WorkflowID("w-1")).bytes)
        #expect(answer["data"]?["workflow"]?["id"] == "w-1" && answer["data"]?["state"]?["blocks"]?["a"] != nil)
        #expect(try WorkflowFile.read(answer.compactBytes(), name: "x").id.text == "w-1")
    }

    @Test func `YAML is written in its own words`() throws {
        let text = """
            version: "1.0"
            name: Refund
            blocks:
              check:
                type: condition
                name: "Amount?"
                inputs:
                  conditions:
                    if: "x > 10 && y"
                    else: ""
                connections:
                  conditions:
                    if: loop
                    else:
                      - pay
                      - tell
                  error: tell
              item:
                type: agent
                name: Item
                parentId: loop
                inputs:
                  list:
                    - 1
                    - three: null
                      two: true
                    - []
                  prompt: "first line\\nsecond: \\x2Aline*"
              loop:
                type: loop
                name: Loop
                inputs:
                  count: 3
                connections:
                  loop:
                    start: item
                    end: pay
              pay:
                type: api
                name: Pay
                enabled: false
              tell:
                type: slack
                name: "yes"
            variables:
              v:
                id: v
                name: limit
                type: number
                value: 1.5

            """
        let definition = try read(text, name: "w.yaml").definition
        let written = try definition.written(as: .yaml)
        let expected = try read(String(decoding: written.bytes, as: UTF8.self)).definition
        #expect(expected == definition && written.losses.isEmpty)
        let lines = Set(String(decoding: written.bytes, as: UTF8.self).split(separator: "\n").map(String.init))
        for line in text.split(separator: "\n") { #expect(lines.contains(String(line)), "\(line)") }
    }

    @Test func `what YAML has no room for is named, place by place`() throws {
        let definition = try read(
            state(
                ["a": block("a"), "b": block("b")], edges: [edge("e1", "a", "b"), edge("e2", "a", "b", "odd-port")])
        ).definition
        let losses = try definition.written(as: .yaml).losses.map(\.description)
        #expect(losses.contains("$.blocks.a.position is lost") && losses.contains("$.edges.e1 is lost"))
        #expect(losses.contains { $0.hasPrefix("$.edges.edge-") && $0.hasSuffix("is added") })
    }

    @Test(arguments: [
        "", " ", "a ", "null", "Yes", "1", "-1.5e3", "0x1F", ".inf", "~", "- a", "a: b", "a #b", "#a", "*x", "&x *x",
        "'q'", "\"q\"", "\\", "\u{85}", "\u{2028}", "x\u{FEFF}", "\u{7F}\u{1}", "é😀\u{E000}", "a\tb", "a\r\nb", "{x}",
        "[x]", "a  b", "?", "!t", "%x", "@x", "`x`", "<start.x> && <b>", "a,b", "=", "<<", "2026-01-01", "a-", "y",
    ])
    func `every text survives YAML`(_ text: String) throws {
        let definition = WorkflowDefinition(
            blocks: [
                Block(
                    id: ElementID("b" + text), type: "agent", name: text + "n",
                    subBlocks: [SubBlock(id: ElementID("s" + text), type: nil, value: .array([.string(text)]))])
            ], edges: [], metadata: JSONObject([.init(key: "name", value: .string(text))]))
        #expect(try definition.written(as: .yaml).losses.isEmpty)
    }

    // MARK: Refusals and hidden values

    @Test func `a workflow that a format cannot say at all is refused`() {
        let empty = WorkflowDefinition(blocks: [], edges: [])
        for format in WorkflowFormat.allCases {
            #expect(throws: WritingFlaw.self) { try empty.written(as: format) }
        }
        let odd = WorkflowDefinition(
            blocks: [Block(id: "a", type: "agent", name: "A")], edges: [],
            extra: JSONObject([.init(key: "state", value: ["blocks": [:], "edges": []])]))
        #expect(throws: WritingFlaw.self) { try odd.written(as: .state) }
        #expect(throws: Never.self) { try odd.written(as: .export) }
    }

    @Test func `values that the writer may not see are counted`() throws {
        let hidden = SealedValue.erased(subject: "workspace:default")
        let definition = WorkflowDefinition(
            blocks: [
                Block(id: "a", type: "agent", name: "A", subBlocks: [SubBlock(id: "p", type: "code", value: hidden)])
            ], edges: [])
        #expect(try definition.written(as: .export).hiddenValues == 1)
    }
}

extension JSONValue {
    /// The value at a place of the canonical form, where edges are found by id.
    fileprivate func at(_ path: JSONPath) -> JSONValue? {
        path.steps.reduce(self as JSONValue?) { value, step in
            guard case .key(let key) = step else { return nil }
            return value?.array?.first { $0["id"]?.string == key } ?? value?[key]
        }
    }
}
