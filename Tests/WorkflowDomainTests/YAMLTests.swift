import EventModel
import Testing
import WorkflowDomain

@Suite("YAML workflows") struct YAMLTests {
    private static let conditional = """
        version: "1.0"
        blocks:
          start: {type: starter, name: Start, connections: {success: [check, other]}}
          check:
            type: condition
            name: Check
            inputs:
              conditions:
                else: true
                else-if-2: x > 2
                if: x > 10
                else-if: x > 5
            connections:
              conditions: {if: a, else-if: [a, b], else-if-2: b, else: a}
              error: b
          other:
            type: loop
            name: Loop
            inputs: {loopType: forEach, iterations: 4, collection: <start.items>}
            connections:
              loop: {start: a, end: b}
              odd: b
          a: {type: agent, name: A, parentId: other, connections: {loop-end-source: b}}
          b: {type: router, name: B, connections: {routes: {x: a}, outgoing: [{target: a, sourceHandle: error}], incoming: [z]}}
        """

    @Test func `connections become edges with the right handles`() throws {
        let reading = try read(Self.conditional, name: "w.yaml")
        let edges = reading.definition.edges.map { "\($0.source)>\($0.sourceHandle ?? "-")>\($0.target)" }.sorted()
        #expect(
            edges
                == [
                    "a>loop-end-source>b", "b>error>a", "b>router-x>a", "check>condition-check-else-if-2>b",
                    "check>condition-check-else-if>a", "check>condition-check-else-if>b",
                    "check>condition-check-else>a",
                    "check>condition-check-if>a", "check>error>b", "other>loop-end-source>b",
                    "other>loop-start-source>a", "other>odd>b",
                    "start>source>check", "start>source>other",
                ].sorted())
        #expect(reading.warnings.contains { $0.kind == .unknownConnection("odd") })
    }

    @Test func `conditions are tried in their order, inputs become sub-blocks, a loop's inputs its data`() throws {
        let definition = try read(Self.conditional).definition
        let check = try #require(definition.block("check"))
        #expect(check.branches.map(\.id) == ["check-if", "check-else-if", "check-else-if-2", "check-else"])
        #expect(check.branches.map(\.title) == ["if", "else if", "else if", "else"])
        #expect(check.branches.map(\.expression) == ["x > 10", "x > 5", "x > 2", ""])
        let loop = try #require(definition.loops.first)
        #expect(loop.id == "other" && loop.nodes == ["a"] && loop.loopType == "forEach" && loop.times == 4)
        #expect(loop.items == "<start.items>" && definition.block("a")?.parentID == "other")
    }

    @Test func `scalars follow the core schema of YAML 1.2`() throws {
        let text = """
            blocks:
              a:
                type: agent
                name: A
                inputs: {yes: yes, on: on, t: true, n: null, tilde: ~, empty: , i: 12, neg: -3, plus: +4, f: 0.50, dot: .5, e: 1e3,
                  hex: 0x1F, oct: 0o17, zeros: 007, date: 2024-01-01, q: "12", s: '~', v: 1.2.3, inf: .inf, minus: "-", id: 1_000}
            """
        let inputs = try #require(try read(text).definition.block("a"))
        let expected: [String: JSONValue] = [
            "yes": "yes", "on": "on", "t": true, "n": .null, "tilde": .null, "empty": .null, "i": 12, "neg": -3,
            "plus": 4, "hex": 31,
            "oct": 15, "zeros": 7, "date": "2024-01-01", "q": "12", "s": "~", "v": "1.2.3", "inf": ".inf", "minus": "-",
            "e": 1000,
            "id": "1_000",
        ]
        for (key, value) in expected { #expect(inputs.value(key) == value, "\(key)") }
        #expect(inputs.value("f")?.number?.lexeme == "0.5" && inputs.value("dot")?.number?.lexeme == "0.5")
    }

    @Test(arguments: [
        "a: [1", "a: b: c", "a: 1\na: 2", "a: &x 1\nb: *x", "? [a]\n: 1", "\t- x: {", "a: \"\\0\"",
        "%YAML 9.9\n---\na: 1", "--- a\n--- b",
        "a: 'open", "- &a [*a]",
    ])
    func `what is no YAML for us is refused with a place`(_ text: String) {
        #expect {
            try read(text)
        } throws: { error in
            if case .yaml = error as? WorkflowFormatError { return true }
            return false
        }
    }

    @Test func `depth is bounded before the parser is asked`() {
        let texts = [
            "a: " + String(repeating: "[", count: 100_000), String(repeating: "- ", count: 50_000) + "x",
            String(repeating: "? ", count: 50_000) + "x", "a: " + String(repeating: "{a: ", count: 50_000),
            (0..<300).map { String(repeating: " ", count: $0) + "k:" }.joined(separator: "\n"),
            "a: " + String(repeating: "[", count: 500) + String(repeating: "]", count: 500),
        ]
        for text in texts {
            #expect {
                try read(text)
            } throws: { error in
                if case .yaml = error as? WorkflowFormatError { return true }
                return false
            }
        }
    }

    @Test func `stars, dashes and brackets inside texts are texts`() throws {
        let text = """
            blocks:
              a:
                type: agent
                name: A
                inputs:
                  code: |
                    if (a &b && c) { x = [1, {y: 2}] } // &name *name
                    --------------------------------------------------------------------------------------------------------------------
                    - **bold** *item* & more
                  note: "*starred* & co"
            """
        #expect(try read(text).definition.block("a")?.subBlocks.count == 2)
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(throws: WorkflowFormatError.yaml(line: 0, column: 0, message: "the bytes are not UTF-8")) {
            try WorkflowFile.read([0x61, 0x3A, 0x20, 0xFF], name: "x.yaml")
        }
    }
}
