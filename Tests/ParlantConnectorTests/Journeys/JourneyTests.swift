import EventModel
import JourneyDomain
import ParlantConnector
import Testing

extension ParlantTests {
    @Suite("Journeys", .serialized) struct Journeys {
        @Test func `a journey comes back as it was made, and making it again changes nothing`() async throws {
            try await scene("journey-round-trip") { scene in
                let id = try scene.id("trip")
                let sample = scene.fork("trip")
                let half = try #require(JSONNumber("2.5"))
                let definition = JourneyDefinition(
                    title: sample.title, summary: sample.summary, conditions: ["wants a refund", "is \"angry\" – 怒"],
                    labels: ["b", "a"], tags: sample.tags, priority: 7, compositionMode: "canned_strict",
                    root: sample.root,
                    states: sample.states + [
                        JourneyState(
                            id: ElementID(id.text + ".tool"), kind: .tool, action: "Look it up", summary: "with care",
                            tools: ["shop:orders", "shop:stock"], labels: ["x"], compositionMode: "fluid",
                            metadata: JSONObject([.init(key: "sim", value: ["deep": [1, .number(half), .null, "ü"]])]),
                            extra: JSONObject([.init(key: "colour", value: "red")]))
                    ],
                    transitions: sample.transitions.dropLast() + [
                        JourneyTransition(
                            id: "e6", source: ElementID(id.text + ".low"), target: ElementID(id.text + ".tool"),
                            condition: nil, metadata: JSONObject([.init(key: "handle", value: "error")]),
                            extra: JSONObject([.init(key: "weight", value: 3)]))
                    ],
                    metadata: JSONObject([.init(key: "workflow", value: "w1")]),
                    extra: JSONObject([.init(key: "icon", value: "bell")]))

                let made = try await scene.connector.create(definition, id: id)
                let again = try await scene.connector.create(definition, id: id)
                let read = try await scene.connector.read(id)

                #expect(made.isNew && !again.isNew)
                #expect(read.definition == definition)
                #expect(read == made.journey && read == again.journey)
                #expect(read.conditionGuidelines.count == 2)
                #expect(read.states["1"] == definition.root)
            }
        }

        @Test func `another journey under the same id is refused`() async throws {
            try await scene("journey-exists") { scene in
                let id = try scene.id("taken")
                let version = try await scene.push(scene.line("taken", through: ["a"]), id).version
                let error = await refusal {
                    _ = try await scene.connector.create(scene.line("taken", through: ["a", "b"]), id: id)
                }
                #expect(error == .exists(version: version))
            }
        }

        @Test func `graph, conditions and labels change together, and repeating it is no conflict`() async throws {
            try await scene("journey-update") { scene in
                let id = try scene.id("grow")
                let old = try await scene.push(scene.line("grow", through: ["a"]), id)
                let wanted = scene.line("grow", through: ["a", "b"])
                    .with(conditions: ["wants more", "wants \(id)"], labels: ["new"])

                let first = try await scene.connector.update(id, to: wanted, expecting: .exactly(old.version))
                let again = try await scene.connector.update(id, to: wanted, expecting: .exactly(old.version))
                let guidelines = try await scene.raw(
                    .get, "guidelines", query: [.init("tag_id", "journey:\(id)")]
                ).json?.array

                #expect(first.changed && !again.changed)
                #expect(first.journey == again.journey)
                #expect(first.journey.definition == wanted)
                #expect(first.journey.version != old.version)
                #expect(
                    Set(guidelines?.compactMap { $0["id"]?.string } ?? []) == Set(first.journey.conditionGuidelines))
                #expect(old.conditionGuidelines == Array(first.journey.conditionGuidelines.dropFirst()))
            }
        }

        @Test func `a condition that is dropped takes its guideline with it`() async throws {
            try await scene("journey-condition-dropped") { scene in
                let id = try scene.id("drop")
                let old = try await scene.push(scene.line("drop", through: ["a"]), id)
                _ = try await scene.connector.update(
                    id, to: old.definition.with(conditions: ["wants something else"]), expecting: .exactly(old.version))
                let gone = try await scene.raw(.get, "guidelines/\(old.conditionGuidelines[0])")
                #expect(gone.status == 404)
            }
        }

        @Test func `a change meant for an older version is refused and changes nothing`() async throws {
            try await scene("journey-conflict") { scene in
                let id = try scene.id("race")
                let old = try await scene.push(scene.line("race", through: ["a"]), id)
                let winner = try await scene.connector.update(
                    id, to: scene.line("race", through: ["a", "b"]), expecting: .exactly(old.version))
                let error = await refusal {
                    _ = try await scene.connector.update(
                        id, to: scene.line("race", through: ["a", "c"]), expecting: .exactly(old.version))
                }
                #expect(error == .conflict(version: winner.journey.version))
                #expect(try await scene.connector.read(id) == winner.journey)

                let overwritten = try await scene.connector.update(
                    id, to: scene.line("race", through: ["a", "c"]), expecting: .any)
                #expect(overwritten.changed)
            }
        }

        @Test func `a change that somebody makes past us is noticed`() async throws {
            try await scene("journey-changed-elsewhere") { scene in
                let id = try scene.id("elsewhere")
                let old = try await scene.push(scene.line("elsewhere", through: ["a"]), id)
                try await scene.raw(.patch, "journeys/\(id)", ["labels": ["upsert": ["theirs"]]])
                let error = await refusal {
                    _ = try await scene.connector.update(
                        id, to: scene.line("elsewhere", through: ["b"]), expecting: .exactly(old.version))
                }
                let present = try await scene.connector.read(id)
                #expect(error == .conflict(version: present.version))
                #expect(present.definition.labels == ["test", "theirs"])
            }
        }

        @Test func `returning to an earlier content is a version of its own`() async throws {
            try await scene("journey-back-and-forth") { scene in
                let id = try scene.id("back")
                let one = scene.line("back", through: ["a"])
                let first = try await scene.push(one, id).version
                let second = try await scene.connector.update(
                    id, to: scene.line("back", through: ["b"]), expecting: .exactly(first)
                ).journey.version
                let third = try await scene.connector.update(id, to: one, expecting: .exactly(second)).journey.version
                #expect(Set([first, second, third]).count == 3)
            }
        }

        @Test func `the chart, the list, and the end of a journey`() async throws {
            try await scene("journey-chart-and-end") { scene in
                let id = try scene.id("chart")
                let journey = try await scene.push(scene.fork("chart"), id)
                let chart = try await scene.connector.mermaid(id)
                #expect(chart.hasPrefix("stateDiagram-v2\n"))
                #expect(chart.contains("N1 --> N2: priority is high"))
                #expect(try await scene.connector.versions()[id.text] == journey.version)

                #expect(try await scene.connector.delete(id))
                #expect(try await !scene.connector.delete(id))
                #expect(
                    await refusal { _ = try await scene.connector.read(id) }
                        == .notFound(.journey(id.text)))
                #expect(
                    await refusal { _ = try await scene.connector.mermaid(id) }
                        == .notFound(.journey(id.text)))
                let orphan = try await scene.raw(.get, "guidelines/\(journey.conditionGuidelines[0])")
                #expect(orphan.status == 404)
            }
        }

        @Test func `what Parlant could not hold is refused, all at once`() async throws {
            try await scene("journey-invalid") { scene in
                let id = try scene.id("bad")
                let bad = scene.journey(
                    "bad",
                    states: [
                        scene.chat("end", action: "x"), scene.chat("\(id):colon", action: "x"),
                        JourneyState(id: ElementID("\(id).mute"), kind: .chat),
                        JourneyState(id: ElementID("\(id).twice"), kind: .fork),
                        JourneyState(id: ElementID("\(id).twice"), kind: .fork),
                        JourneyState(
                            id: ElementID("\(id).tool"), kind: .tool, action: "x", tools: ["nameless"],
                            compositionMode: "odd", metadata: JSONObject([.init(key: "lockstep", value: 1)])),
                    ],
                    ways: [
                        scene.way("e1", "\(id).start", "\(id).tool"), scene.way("e1", "\(id).start", "\(id).twice"),
                        scene.way("e3", "\(id).nowhere", "\(id).tool"), scene.way("e4", "\(id).tool", "\(id).nowhere"),
                    ], title: "")
                let error = await refusal {
                    _ = try await scene.connector.create(bad, id: id)
                }
                guard case .invalid(let problems) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(
                    Set(problems.map(\.code)) == [
                        "missing_title", "reserved_id", "bad_id", "missing_action", "duplicate_id", "bad_tool",
                        "unknown_composition_mode", "reserved_key", "unknown_source", "unknown_target",
                        "unconditioned_fan_out",
                    ])
                #expect(
                    await refusal { _ = try await scene.connector.read(id) }
                        == .notFound(.journey(id.text)))
            }
        }

        @Test func `two journeys cannot share a state`() async throws {
            try await scene("journey-shared-state") { scene in
                let (one, two) = (try scene.id("one"), try scene.id("two"))
                try await scene.push(scene.line("one", through: ["a"]), one)
                let other = try await scene.push(scene.line("two", through: ["a"]), two)
                let thief = scene.journey("two", states: [scene.chat("\(one).a", action: "Do a")], ways: [])
                for attempt in [0, 1] {
                    let error = await refusal {
                        if attempt == 0 {
                            _ = try await scene.connector.update(two, to: thief, expecting: .exactly(other.version))
                        } else {
                            _ = try await scene.connector.create(thief, id: JourneyID("three-\(scene.token)") ?? two)
                        }
                    }
                    guard case .invalid(let problems) = error else {
                        Issue.record("\(String(describing: error))")
                        return
                    }
                    #expect(problems.map(\.code).contains("foreign_id"))
                }
                #expect(try await scene.connector.read(two) == other)
            }
        }

        @Test func `the numbers of the states are those that the engine gives them`() async throws {
            try await scene("journey-indexes") { scene in
                let id = try scene.id("maze")
                let names = ["a", "b", "c", "d", "e", "island"]
                let ways = [
                    ("start", "c"), ("start", "b"), ("b", "a"), ("c", "b"), ("c", "b"), ("a", "start"), ("a", "a"),
                    ("b", "end"), ("a", "d"), ("d", "e"), ("e", "c"), ("island", "a"),
                ]
                func place(_ name: String) -> String { name == "end" ? name : "\(id).\(name)" }
                let maze = scene.journey(
                    "maze", states: names.map { scene.chat(place($0), action: "Do \($0)") },
                    ways: ways.enumerated().map { at, way in
                        scene.way("e\(at)", place(way.0), place(way.1), "way \(at)")
                    })
                let states = try await scene.push(maze, id).states
                let engines = try await scene.raw(.get, "lockstep-testing/journeys/\(id)/indexes").json?.object
                #expect(states.count == 7, "the end has a number, the island has none")
                #expect(
                    states.mapValues(\.text)
                        == Dictionary(
                            (engines?.members ?? []).map { ($0.key, $0.value.string ?? "") }, uniquingKeysWith: { $1 }))
            }
        }

        @Test func `the module says what runs there`() async throws {
            try await scene("module") { scene in
                let module = try await scene.connector.module()
                #expect(module.version == 2)
                #expect(module.parlant == "3.3.2")
                #expect(!module.keepsJourneys)
            }
        }
    }
}
