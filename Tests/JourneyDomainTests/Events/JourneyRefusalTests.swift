import EventModel
import JourneyDomain
import Testing

@Suite("Journeys that could not be read back from the log") struct JourneyRefusalTests {
    private static func decide(_ definition: JourneyDefinition, _ state: JourneyDecider.State = .unknown) throws
        -> [JourneyEvent]
    {
        try JourneyDecider.decide(.define(JourneyContent(definition: definition, origin: .parlant)), state)
    }

    /// What the decider says against a definition.
    private static func flaws(_ definition: JourneyDefinition) -> JourneyFlaws? {
        do throws(JourneyDecider.Rejection) {
            let content = JourneyContent(definition: definition, origin: .parlant)
            _ = try JourneyDecider.decide(.define(content), .unknown)
            return nil
        } catch {
            guard case .malformed(let flaws) = error else { return nil }
            return flaws
        }
    }

    /// The definition as its stored form is read: through the bytes of its event.
    private static func stored(_ definition: JourneyDefinition) -> JourneyDefinition? {
        let event = JourneyEvent.created(
            JourneyCreated(content: JourneyContent(definition: definition, origin: .parlant)))
        let again = try? JourneyEvent(
            decoding: event.encoded(), type: event.type, schemaVersion: event.schemaVersion)
        guard case .created(let created)? = again else { return nil }
        return created.content.definition
    }

    private static let sound = JourneyDefinition(
        title: "T", root: "r", states: [JourneyState(id: "r", kind: nil), JourneyState(id: "a", kind: .chat)],
        transitions: [JourneyTransition(id: "t", source: "r", target: "a")])

    @Test func `are refused with all that is wrong, at once`() throws {
        let broken = JourneyDefinition(
            title: "T", root: "nowhere",
            states: [
                JourneyState(id: "a", kind: .chat, extra: ["kind": "later", "fine": 1]),
                JourneyState(id: "a", kind: .tool), JourneyState(id: "", kind: nil),
            ],
            transitions: [
                JourneyTransition(id: "t", source: "a", target: "a"),
                JourneyTransition(id: "t", source: "a", target: "a", extra: ["source": .null]),
                JourneyTransition(
                    id: ElementID(String(repeating: "x", count: 513)), source: "a", target: "", condition: "\0"),
            ], extra: ["nodes": [], "title": "other"])
        let flaws = try #require(Self.flaws(broken))
        let node = JSONPath.root["nodes"]
        let edge = JSONPath.root["edges"]
        #expect(
            flaws.problems == [
                JourneyProblem(.duplicateID("a", first: node["a"]), at: node["a"]),
                JourneyProblem(.emptyID, at: node[""]),
                JourneyProblem(.idTooLong(bytes: 513, limit: 512), at: edge[2]["id"]),
                JourneyProblem(.emptyID, at: edge[2]["target"]),
                JourneyProblem(.duplicateID("t", first: edge[0]), at: edge[1]),
                JourneyProblem(.unknownRoot("nowhere"), at: .root["root_id"]),
            ])
        #expect(flaws.reservedFields == [.root["nodes"], .root["title"], node["a"]["kind"], edge[1]["source"]])
        guard case .nulEscape? = flaws.json else {
            Issue.record("the NUL is not named: \(flaws)")
            return
        }
        #expect(flaws.description.split(separator: "\n").count == 11)
    }

    @Test(arguments: [
        ("nodes", JourneyLimits.states + 1, 0), ("edges", 1, JourneyLimits.transitions + 1),
    ]) func `are refused when there is too much of anything`(_ what: String, _ states: Int, _ transitions: Int) throws {
        let large = JourneyDefinition(
            title: "T", root: "0", states: (0..<states).map { JourneyState(id: ElementID("\($0)"), kind: nil) },
            transitions: (0..<transitions).map { JourneyTransition(id: ElementID("\($0)"), source: "0", target: "0") })
        let count = max(states, transitions)
        let limit = count - 1
        #expect(
            Self.flaws(large)?.problems == [JourneyProblem(.tooMany(what: what, count: count, limit: limit), at: .root)]
        )
        let many = (0...1_000).map { "\($0)" }
        let listed = JourneyDefinition(
            title: "T", conditions: many, labels: many, tags: many, root: "r",
            states: [JourneyState(id: "r", kind: nil, tools: many, labels: many)], transitions: [])
        #expect(Self.flaws(listed)?.problems.count == 5)
    }

    @Test func `are refused as a revision too, and leave the journey as it was`() throws {
        let state = JourneyDecider.fold(.unknown, try Self.decide(Self.sound))
        let twice = JourneyDefinition(
            title: "T", root: "r", states: Self.sound.states + Self.sound.states, transitions: [])
        #expect(throws: JourneyDecider.Rejection.self) { try Self.decide(twice, state) }
        #expect(try Self.decide(Self.sound, state) == [])
    }

    @Test func `are not those of which a transition leads nowhere: a server may hold them, and validation names them`()
        throws
    {
        let dangling = JourneyDefinition(
            title: "T", root: "r", states: [JourneyState(id: "r", kind: nil)],
            transitions: [JourneyTransition(id: "t", source: "r", target: "gone")])
        #expect(try JourneyFile.read(dangling.canonicalBytes(), name: "f.json").definition == dangling)
        #expect(try Self.decide(dangling).count == 1 && Self.stored(dangling) == dangling)
    }

    @Test func `nor may a title or an origin hold what the log cannot`() throws {
        let state = JourneyDecider.fold(.unknown, try Self.decide(Self.sound))
        for command: JourneyDecider.Command in [
            .rename("a\0b"), .archive(reason: "\0"),
            .define(
                JourneyContent(
                    definition: Self.sound.titled("other"), origin: .file(name: "\0.json", format: .canonical))),
        ] {
            do throws(JourneyDecider.Rejection) {
                _ = try JourneyDecider.decide(command, state)
                Issue.record("accepted: \(command)")
            } catch {
                guard case .notStorable(.nulEscape) = error else {
                    Issue.record("another reason: \(error)")
                    continue
                }
            }
        }
    }

    /// Whatever the seed breaks, the decider accepts a definition if, and only if, the log gives it back as it was.
    @Test(arguments: UInt64(1)...400) func `are those that the decider refuses, and no others`(_ seed: UInt64) throws {
        let definition = BrokenJourney.journey(seed)
        let isStorable = Self.stored(definition) == definition
        let flaws = Self.flaws(definition)
        #expect((flaws == nil) == isStorable, "seed \(seed): \(flaws?.description ?? "accepted")")
    }

    @Test func `are made up by every way of breaking one`() {
        var seen: Set<String> = []
        for seed in UInt64(1)...400 {
            guard let flaws = Self.flaws(BrokenJourney.journey(seed)) else {
                seen.insert("none")
                continue
            }
            for problem in flaws.problems { seen.insert("\("\(problem.kind)".prefix { $0 != "(" })") }
            if !flaws.reservedFields.isEmpty { seen.insert("reservedFields") }
            switch flaws.json {
            case .nulEscape: seen.insert("nul")
            case .tooDeep: seen.insert("deep")
            case nil: break
            default: seen.insert("\(flaws)")
            }
        }
        #expect(
            seen == [
                "none", "duplicateID", "unknownRoot", "emptyID", "idTooLong", "reservedFields", "nul", "deep",
                "wrongType",
            ])
    }
}
