import EventModel
import JourneyDomain
import Testing

@Suite("The file of a journey") struct JourneyFileTests {
    private static let graph = """
        {"journey":{"id":"wf-1","title":"Refund","description":"d","conditions":["WebNqnWI6Y","wants a refund"],"root_id":"R","tags":["agent:a"],
        "labels":["sim"],"priority":5},"nodes":[
        {"id":"R","action":null,"kind":null,"tools":[],"labels":[],"metadata":{"journey_node":{"reachable_follow_ups":[{"path":["2"]}]}}},
        {"id":"a","action":"Ask","kind":"chat","tools":["s:t"],"labels":["x"],"description":"D","composition_mode":"fluid",
        "metadata":{"journey_node":{"kind":"chat","index":"2","follow_ups":[]},"sim":{"blockId":"b"}}},
        {"id":"end","action":null,"metadata":{}}],
        "edges":[{"id":"E1","source":"R","target":"a","condition":null,"metadata":{}},
        {"id":"E2","source":"a","target":"end","condition":"done","metadata":{"lockstep":{"id":"t2"},"sim":{"edgeId":"e"}}}]}
        """

    @Test func `of Parlant's graph is read without what the engine computed`() throws {
        let reading = try readJourney(Self.graph)
        let journey = reading.definition
        #expect(reading.format == .graph && reading.id.text == "wf-1" && reading.parlantRoot == "R")
        #expect(
            journey.title == "Refund" && journey.priority == 5 && journey.tags == ["agent:a"] && journey.root == "R")
        #expect(journey.states.map(\.id) == ["R", "a"])
        let asked = try #require(journey.state("a"))
        #expect(
            asked.kind == .chat && asked.summary == "D" && asked.tools == ["s:t"] && asked.compositionMode == "fluid")
        #expect(asked.metadata == JSONObject([.init(key: "sim", value: ["blockId": "b"])]))
        #expect(journey.state("R")?.metadata.isEmpty == true)
        #expect(journey.transitions.map(\.id) == ["E1", "t2"])
        #expect(journey.transitions[1].metadata == JSONObject([.init(key: "sim", value: ["edgeId": "e"])]))
    }

    @Test func `keeps a condition that is known by its guideline's id apart from texts`() throws {
        let reading = try readJourney(Self.graph)
        #expect(reading.definition.conditions == ["wants a refund"])
        #expect(reading.definition.extra["condition_ids"] == ["WebNqnWI6Y"])
        #expect(reading.warnings.map(\.kind) == [.conditionWithoutText(id: "WebNqnWI6Y")])
        let known = try JourneyFile.read(
            Array(Self.graph.utf8), name: "x", conditionTexts: ["WebNqnWI6Y": "the customer is angry"])
        #expect(known.definition.conditions == ["the customer is angry", "wants a refund"])
        #expect(known.warnings.isEmpty && known.definition.extra.isEmpty)
    }

    @Test func `of what was asked of Parlant holds texts, and of its answer ids`() throws {
        let asked = try readJourney(#"{"title":"T","description":"d","conditions":["sunny"],"labels":["b","a"]}"#)
        #expect(asked.definition.conditions == ["sunny"] && asked.definition.labels == ["a", "b"])
        #expect(asked.id.text == "t" && asked.idOrigin == .title)
        let answered = try readJourney(
            #"{"id":"j","title":"T","description":"d","conditions":["WebNqnWI6Y"],"tags":[],"composition_mode":null,"labels":[],"priority":0}"#
        )
        #expect(answered.definition.conditions.isEmpty && answered.definition.extra["condition_ids"] == ["WebNqnWI6Y"])
    }

    @Test func `of a later Parlant may say triggers and groups`() throws {
        let reading = try readJourney(#"{"title":"T","description":"d","triggers":["it rains"],"groups":["g"]}"#)
        #expect(reading.definition.conditions == ["it rains"] && reading.definition.tags == ["g"])
        #expect(reading.definition.extra.isEmpty)
    }

    @Test func `keeps fields and kinds that we do not know`() throws {
        let text = Self.graph.replacing(#""kind":"chat","index""#, with: #""kind":"dance","index""#)
            .replacing(#""priority":5"#, with: #""priority":5,"mood":"good""#)
            .replacing(#""id":"a","action":"Ask""#, with: #""id":"a","steps":3,"action":"Ask""#)
        let reading = try readJourney(text)
        #expect(reading.definition.extra["mood"] == "good")
        let asked = try #require(reading.definition.state("a"))
        #expect(asked.kind == nil && asked.metadata["journey_node"] == ["kind": "dance"] && asked.extra["steps"] == 3)
        #expect(reading.warnings.map(\.kind).contains(.unknownKind("dance")))
        #expect(reading.warnings.map(\.kind).contains(.kindsDisagree(node: "chat", metadata: "dance")))
        #expect(reading.definition.graphBody["nodes"]?[0]?["kind"] == "dance")
    }

    @Test func `tells its id, or gets one from the title or the name`() throws {
        #expect(try readJourney(#"{"title":"Ärger & Co","description":""}"#).id.text == "rger-co-cdec9be8")
        #expect(try readJourney(#"{"title":"","description":""}"#, name: "dir/My file.json").id.text == "my-file")
        #expect(
            try readJourney(#"{"id":"a b","title":"T","description":""}"#.replacing(" b", with: "b")).id.text == "ab")
        #expect(
            journeyProblems(#"{"id":"a b","title":"T","description":""}"#).map(\.kind) == [.illegalJourneyID("a b")])
    }

    @Test func `has every problem named at once, with its place`() {
        let problems = journeyProblems(
            """
            {"journey":{"title":7,"labels":"x","priority":"high","root_id":"nope","conditions":[1]},"nodes":[3,{"id":"a"},{"id":"a","tools":[1],
            "metadata":[]},{"action":"x"},{"id":""}],"edges":[{"id":"e","source":"a"},{"id":"e","source":"a","target":"a"},
            {"id":"e","source":"a","target":"a","condition":{}}]}
            """)
        let places = problems.map { "\($0.path)" }
        #expect(
            places == [
                "$.journey.title", "$.journey.labels", "$.journey.priority", "$.journey.conditions[0]", "$.nodes[0]",
                "$.nodes[2].metadata", "$.nodes[2].tools[0]", "$.nodes[3]", "$.nodes[4].id", "$.edges[0]",
                "$.edges[2].condition", "$.nodes[2]", "$.edges[2]", "$.journey.root_id",
            ])
        #expect(problems.allSatisfy { !$0.statement.isEmpty && !$0.cure.isEmpty })
    }

    @Test(arguments: [
        ("[]", "(array)"), ("7", "(number)"), (#"{"a":1}"#, "a"), (#"{"blocks":{},"edges":[]}"#, "blocks"),
        (#"{"title":"T","blocks":{}}"#, "title"),
    ]) func `that is no journey is not taken for one`(_ text: String, _ found: String) throws {
        #expect {
            try readJourney(text)
        } throws: { error in
            guard case .unrecognised(let keys) = error as? JourneyFormatError else { return false }
            return keys.first == found
        }
        #expect(!JourneyFile.isJourney(try JSONValue(text: text)))
    }

    @Test func `with the marks of two forms is refused`() {
        #expect(
            throws: JourneyFormatError.ambiguous(
                [.graph, .canonical], found: ["journey", "title", "root_id", "nodes"])
        ) {
            try readJourney(#"{"journey":{},"title":"T","root_id":"r","nodes":{}}"#)
        }
    }

    @Test func `beyond a limit is refused with the number and the limit`() {
        let nodes = (0...JourneyLimits.states).map { #""s\#($0)":{}"# }.joined(separator: ",")
        let many = journeyProblems(#"{"title":"T","root_id":"s0","nodes":{\#(nodes)},"edges":[]}"#)
        #expect(many.map(\.kind) == [.tooMany(what: "nodes", count: 5_001, limit: 5_000)])
        let long = String(repeating: "x", count: JourneyLimits.idBytes + 1)
        let id = journeyProblems(#"{"title":"T","root_id":"\#(long)","nodes":{"\#(long)":{}},"edges":[]}"#)
        #expect(id.first?.kind == .idTooLong(bytes: 513, limit: 512))
        #expect(
            throws: JourneyFormatError.fileTooLarge(bytes: JourneyLimits.fileBytes + 1, limit: JourneyLimits.fileBytes)
        ) {
            try JourneyFile.read(Array(repeating: 0x20, count: JourneyLimits.fileBytes + 1), name: "x")
        }
        let text = String(repeating: "x", count: JourneyLimits.definitionBytes)
        #expect {
            try readJourney(#"{"title":"T","description":"\#(text)"}"#)
        } throws: { error in
            guard case .definitionTooLarge(_, JourneyLimits.definitionBytes) = error as? JourneyFormatError else {
                return false
            }
            return true
        }
    }

    @Test func `cut off or altered anywhere is refused or read, and never crashes`() {
        let bytes = Array(Self.graph.utf8)
        for length in stride(from: 0, to: bytes.count, by: 3) {
            _ = try? JourneyFile.read(Array(bytes[..<length]), name: "x")
            for byte in ["\"", "{", "]", "0", "\\"] {
                var altered = bytes
                altered[length] = byte.utf8.first ?? 0
                _ = try? JourneyFile.read(altered, name: "x")
            }
        }
    }

    @Test func `with every value replaced by one of another type is refused or read, and never crashes`() throws {
        let value = try JSONValue(text: Self.graph)
        for other in [JSONValue.null, true, 1, "", [], [:], [[:]]] {
            for altered in Self.replacements(in: value, by: other) { _ = try? JourneyFile.read(altered, name: "x") }
        }
    }

    private static func replacements(in value: JSONValue, by other: JSONValue) -> [JSONValue] {
        switch value {
        case .object(let object):
            object.members.flatMap { member in
                ([other] + replacements(in: member.value, by: other)).map { replaced in
                    var object = object
                    object[member.key] = replaced
                    return JSONValue.object(object)
                }
            }
        case .array(let elements):
            elements.indices.flatMap { index in
                ([other] + replacements(in: elements[index], by: other)).map { replaced in
                    var elements = elements
                    elements[index] = replaced
                    return JSONValue.array(elements)
                }
            }
        case .null, .bool, .number, .string: [other]
        }
    }
}

@Suite("Graphs that the real Parlant answered", .enabled(if: Recordings.arePresent))
struct RecordedGraphTests {
    static let graphs = RecordedExchange.all.filter {
        $0.path.hasPrefix("/bridge/journeys/") && $0.path.hasSuffix("/graph") && $0.status == 200
    }

    @Test(arguments: graphs) func `are read whole, or refused for nodes that share an id`(_ exchange: RecordedExchange)
        throws
    {
        do {
            let reading = try JourneyFile.read(exchange.body, name: "x")
            let nodes = exchange.body["nodes"]?.array ?? []
            #expect(reading.definition.states.count == nodes.count - 1)
            #expect(reading.definition.transitions.count == exchange.body["edges"]?.array?.count)
            #expect(reading.id.text == exchange.journey)
            for node in nodes where node["id"] != "end" {
                let state = try #require(reading.definition.state(ElementID(node["id"]?.string ?? "")))
                #expect(state.action == node["action"]?.string && state.metadata["journey_node"]?["kind"] != "chat")
                #expect(state.metadata["sim"]?.canonicalized == node["metadata"]?["sim"]?.canonicalized)
            }
        } catch let error as JourneyFormatError {
            guard case .problems(let problems, .graph) = error else { throw error }
            #expect(exchange.file == "23-graph-put-not-atomic.json")
            for problem in problems {
                guard case .duplicateID = problem.kind else { throw error }
            }
        }
    }

    @Test func `are there`() { #expect(Self.graphs.count > 30) }

    @Test(arguments: RecordedExchange.all.filter { $0.method == "POST" && $0.path == "/journeys" && $0.status == 201 })
    func `and so are the journeys that it created`(_ exchange: RecordedExchange) throws {
        let reading = try JourneyFile.read(exchange.body, name: "x")
        #expect(reading.format == .journey && reading.definition.title == exchange.body["title"]?.string)
        #expect(reading.definition.extra["condition_ids"] == exchange.body["conditions"])
    }
}
