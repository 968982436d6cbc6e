import EventModel
import Testing
import WorkflowDomain

@Suite("Problems and warnings") struct ProblemTests {
    private func problems(_ text: String, knownTypesOnly: Bool = false) -> [String: WorkflowProblem.Kind] {
        do throws(WorkflowFormatError) {
            _ = try read(text, knownTypesOnly: knownTypesOnly)
            return [:]
        } catch {
            guard case .problems(let problems, _) = error else { return ["\(error)": .noBlocks] }
            #expect(problems.allSatisfy { !$0.description.isEmpty })
            return Dictionary(problems.map { ($0.path.description, $0.kind) }, uniquingKeysWith: { first, _ in first })
        }
    }

    private func warnings(_ value: JSONValue) throws -> [String: WorkflowWarning.Kind] {
        let warnings = try read(value).warnings
        #expect(warnings.allSatisfy { !$0.description.isEmpty })
        return Dictionary(warnings.map { ($0.path.description, $0.kind) }, uniquingKeysWith: { first, _ in first })
    }

    @Test func `are told all at once, each with its place`() {
        let found = problems(
            """
            {"state":{"blocks":{"a":{"id":"b","type":"agent","name":"A"},"c":{"id":"c","name":"C"},"d":{"id":"d","type":"",
            "name":1,"position":{"x":"0","y":0},"subBlocks":{"s":1},"outputs":[],"enabled":"yes","data":3},"e":7},
            "edges":[{"id":"e1","source":"a"},{"id":"e2","target":"a"},5,{"id":"e3","source":"a","target":1},
            {"id":"e4","source":"a","target":"c","sourceHandle":4}],"loops":{"l":{"id":"l","nodes":[1]}},"parallels":3,
            "metadata":"m","variables":{"v":0}}}
            """)
        #expect(
            found == [
                "$.state.blocks.a.id": .idMismatch(key: "a", id: "b"), "$.state.blocks.c": .missing(field: "type"),
                "$.state.blocks.d.type": .emptyText(field: "type"),
                "$.state.blocks.e": .wrongType(wanted: "an object", found: "number"),
                "$.state.edges[0]": .missing(field: "target"), "$.state.edges[1]": .missing(field: "source"),
                "$.state.edges[2]": .wrongType(wanted: "an object", found: "number"),
                "$.state.edges[3].target": .wrongType(wanted: "a string", found: "number"),
                "$.state.edges[4].sourceHandle": .wrongType(wanted: "a string", found: "number"),
                "$.state.loops.l.nodes[0]": .wrongType(wanted: "a block's id", found: "number"),
                "$.state.parallels": .wrongType(wanted: "an object", found: "number"),
                "$.state.metadata": .wrongType(wanted: "an object", found: "string"),
                "$.state.variables.v": .wrongType(wanted: "an object", found: "number"),
            ])
    }

    @Test func `wrong types inside a block are told by their field`() {
        let found = problems(
            """
            {"blocks":{"d":{"id":"d","type":"agent","name":1,"position":{"x":"0","y":0},"subBlocks":{"s":1},"outputs":[],
            "enabled":"yes","data":3}},"edges":[]}
            """)
        #expect(
            Set(found.keys) == [
                "$.blocks.d.name", "$.blocks.d.position", "$.blocks.d.subBlocks.s", "$.blocks.d.outputs",
                "$.blocks.d.enabled",
                "$.blocks.d.data",
            ])
    }

    @Test func `serialized blocks need metadata, unique ids and connections`() {
        let found = problems(
            #"{"blocks":[{"id":"a","config":{}},{"metadata":{"id":"agent"}},{"id":"b","metadata":{"id":"agent","name":"B"}},"#
                + #"{"id":"b","metadata":{"id":"agent","name":"B"}}]}"#)
        #expect(
            found == [
                "$.blocks[0].metadata": .missingMetadata, "$.blocks[1]": .missing(field: "id"),
                "$.blocks[3]": .duplicateID("b", first: JSONPath.root["blocks"][2]),
                "$": .missing(field: "connections"),
            ])
    }

    @Test func `two edges with one id are refused`() {
        let found = problems(
            String(
                decoding: state(["a": block("a")], edges: [edge("e", "a", "a"), edge("e", "a", "b")]).compactBytes(),
                as: UTF8.self))
        #expect(found == ["$.edges[1]": .duplicateID("e", first: JSONPath.root["edges"][0])])
    }

    @Test func `containers that contain each other are refused once`() {
        let blocks: JSONValue = [
            "a": block("a", "loop", parent: "b"), "b": block("b", "loop", parent: "a"), "c": block("c", parent: "a"),
            "d": block("d", "loop", parent: "d"),
        ]
        let found = problems(String(decoding: state(blocks).compactBytes(), as: UTF8.self))
        #expect(
            found == [
                "$.blocks.a.data.parentId": .containerCycle(["a", "b", "a"]),
                "$.blocks.d.data.parentId": .containerCycle(["d", "d"]),
            ])
    }

    @Test func `nothing, too much and too deep are refused`() {
        #expect(problems(#"{"blocks":{},"edges":[]}"#) == ["$": .noBlocks])
        let nested = (0...40).map { block("n\($0)", "loop", parent: $0 == 0 ? nil : "n\($0 - 1)") }
        let deep = state(.object(JSONObject(nested.map { .init(key: $0["id"]?.string ?? "", value: $0) })))
        #expect(
            problems(String(decoding: deep.compactBytes(), as: UTF8.self)).values.contains(
                .containersTooDeep(limit: 32)))
        let blocks = (0...WorkflowLimits.blocks).map { #""\#($0)":{"type":"a","name":"b"}"# }.joined(separator: ",")
        #expect(
            problems(#"{"blocks":{\#(blocks)},"edges":[]}"#)["$"]
                == .tooMany(what: "blocks", count: WorkflowLimits.blocks + 1, limit: WorkflowLimits.blocks))
        let long = String(repeating: "i", count: WorkflowLimits.idBytes + 1)
        #expect(
            Array(problems(#"{"blocks":{"\#(long)":{"type":"a","name":"b"}},"edges":[]}"#).values)
                == [.idTooLong(bytes: long.utf8.count, limit: WorkflowLimits.idBytes)])
    }

    @Test func `an unknown type is a warning, or a problem where the caller wants known types only`() throws {
        let file = state(["a": block("a", "no_such_type")])
        #expect(try warnings(file) == ["$.blocks.a": .unknownType("no_such_type")])
        let text = String(decoding: file.compactBytes(), as: UTF8.self)
        #expect(problems(text, knownTypesOnly: true) == ["$.blocks.a": .unknownType("no_such_type")])
    }

    @Test(arguments: ["no-such-type", "Agent", "a b", "ünknown"])
    func `a spelling that no block type can have is a problem`(_ type: String) {
        let text = String(decoding: state(["a": block("a", type)]).compactBytes(), as: UTF8.self)
        #expect(problems(text) == ["$.blocks.a": .malformedType(type)])
    }

    @Test func `what can be represented is imported with a warning`() throws {
        let conditions: JSONValue = [
            "id": "c", "type": "condition", "name": "C", "subBlocks": ["conditions": ["value": #"[{"id":"c-if"}]"#]],
        ]
        let blocks: JSONValue = [
            "a": block("a"), "b": block("b"), "c": conditions, "l": block("l", "loop"), "m": block("m", parent: "l"),
            "n": block("n", parent: "gone"), "o": block("o", parent: "a"), "p": ["type": "agent"],
        ]
        let edges: JSONValue = [
            edge("e0", "a", "gone"), edge("e1", "gone", "a"), edge("e2", "a", "b", "else"),
            edge("e3", "c", "b", "condition-c-no"),
            edge("e4", "a", "a"), edge("e5", "a", "b", "source"), edge("e6", "a", "b", "source"), edge("e7", "b", "a"),
            edge("e8", "a", "m"), edge("e9", "a", "b", "condition-x"), edge("e10", "c", "b", "condition-c-if"),
        ]
        let found = try warnings(state(blocks, edges: edges, loops: ["l": ["nodes": ["a"]], "x": ["nodes": []]]))
        #expect(
            found == [
                "$.edges[0]": .missingTarget("gone"), "$.edges[1]": .missingSource("gone"),
                "$.edges[2]": .unknownHandle("else", blockType: "function"), "$.edges[3]": .unknownBranch("c-no"),
                "$.edges[4]": .selfEdge, "$.edges[6]": .duplicateEdge(of: "e5"), "$.edges[7]": .cycle(through: "a"),
                "$.edges[8]": .crossesContainer, "$.edges[9]": .unknownHandle("condition-x", blockType: "function"),
                "$.blocks.n.data.parentId": .missingParent("gone"),
                "$.blocks.o.data.parentId": .parentIsNoContainer("a"),
                "$.blocks.p": .missingName, "$.loops.l.nodes": .membersDisagree("l"),
                "$.loops.x": .containerWithoutBlock("x"),
                "$.blocks.l": .containerWithoutStart("l"),
            ])
    }

    @Test func `a long chain of blocks is walked without recursion`() throws {
        let ids = (0..<WorkflowLimits.blocks).map { "b\($0)" }
        let blocks = ids.map { #""\#($0)":{"type":"agent","name":"n"}"# }.joined(separator: ",")
        let edges = zip(ids, ids.dropFirst()).map { #"{"source":"\#($0)","target":"\#($1)"}"# }.joined(separator: ",")
        #expect(try read(#"{"blocks":{\#(blocks)},"edges":[\#(edges)]}"#).warnings.isEmpty)
    }

    @Test func `ids that differ in normal form only stay two ids`() throws {
        let reading = try read(
            state(["é": block("é"), "e\u{301}": block("e\u{301}")], edges: [edge("x", "é", "e\u{301}")]))
        #expect(reading.definition.blocks.count == 2 && reading.warnings.isEmpty)
    }
}
