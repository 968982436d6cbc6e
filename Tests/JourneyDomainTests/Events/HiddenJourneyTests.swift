import EventModel
import EventSourcingTesting
import JourneyDomain
import Testing

@Suite("Journeys of which personal values are hidden") struct HiddenJourneyTests {
    static let hidden: [JSONValue] = [
        SealedValue(subject: "workspace:default", key: "1", ciphertext: "AAAA").value,
        SealedValue.erased(subject: "workspace:default"),
    ]

    private static func notes(_ text: String) -> JSONObject {
        ["sim": ["SECRET \(text) key": .string("SECRET \(text)")]]
    }

    /// Every field that a journey can have: `SECRET` in what is personal, `OPEN` in what is not.
    private static let whole = JourneyDefinition(
        title: "OPEN title", summary: "SECRET description", conditions: ["SECRET condition", "SECRET other"],
        labels: ["OPEN label"], tags: ["OPEN tag"], priority: 7, compositionMode: "OPEN mode", root: "OPEN root",
        states: [
            JourneyState(
                id: "OPEN root", kind: nil, summary: "SECRET summary", metadata: notes("root"),
                extra: ["SECRET field": "SECRET"]),
            JourneyState(
                id: "OPEN state", kind: .tool, action: "SECRET action", summary: "SECRET", tools: ["OPEN:tool"],
                labels: ["OPEN state label"], compositionMode: "OPEN state mode", metadata: notes("state"),
                extra: ["SECRET field": ["SECRET"]]),
        ],
        transitions: [
            JourneyTransition(id: "OPEN first", source: "OPEN root", target: "OPEN state"),
            JourneyTransition(
                id: "OPEN second", source: "OPEN state", target: "end", condition: "SECRET condition",
                metadata: notes("transition"), extra: ["SECRET field": "SECRET"]),
        ],
        metadata: notes("journey"), extra: ["SECRET field": 1, "condition_ids": ["SECRET"]])

    private static func content(_ definition: JourneyDefinition) -> JourneyContent {
        JourneyContent(definition: definition, origin: .converted(workflow: "w", version: 3))
    }

    /// The event as it is stored, with `hidden` in every marked place.
    private static func sealed(_ event: JourneyEvent, _ hidden: JSONValue) -> JSONValue {
        let places = PersonalMarks(JourneyEvent.personalMarks)[event.type, event.schemaVersion]
        return places?.replacing(in: event.payload) { (_, _, _) throws(Never) in hidden } ?? event.payload
    }

    private static func seen(_ event: JourneyEvent, _ hidden: JSONValue) throws -> JourneyEvent {
        try JourneyEvent(
            decoding: sealed(event, hidden).canonicalBytes(), type: event.type, schemaVersion: event.schemaVersion)
    }

    private static func standing(_ state: JourneyDecider.State) throws -> JourneyStanding {
        guard case .defined(let standing) = state else { throw NoJourney() }
        return standing
    }

    private struct NoJourney: Error {}

    /// A journey at revision 1 as somebody without the right reads it.
    private static func unseen(_ definition: JourneyDefinition, _ hidden: JSONValue) throws -> JourneyDecider.State {
        JourneyDecider.fold(.unknown, [try seen(.created(JourneyCreated(content: content(definition))), hidden)])
    }

    // MARK: Events

    @Test func `show nothing that people have written, neither at creation nor in a revision`() throws {
        let other = JourneyDefinition(
            title: "OPEN", conditions: ["SECRET gone"], root: "r",
            states: [
                JourneyState(id: "r", kind: nil)
            ], transitions: [])
        for (old, new) in [(other, Self.whole), (Self.whole, other)] {
            let created = try JourneyDecider.decide(.define(Self.content(old)), .unknown)
            let revised = try JourneyDecider.decide(.define(Self.content(new)), JourneyDecider.fold(.unknown, created))
            for event in created + revised {
                let visible = String(decoding: Self.sealed(event, Self.hidden[0]).compactBytes(), as: UTF8.self)
                #expect(!visible.contains("SECRET"))
                #expect(String(decoding: event.encoded(), as: UTF8.self).contains("SECRET"))
            }
        }
    }

    @Test func `show everything else`() throws {
        let payload = JourneyEvent.created(JourneyCreated(content: Self.content(Self.whole))).payload
        #expect(
            payload["definition"]
                == [
                    "composition_mode": "OPEN mode",
                    "edges": [
                        ["id": "OPEN first", "source": "OPEN root", "target": "OPEN state"],
                        ["id": "OPEN second", "source": "OPEN state", "target": "end"],
                    ],
                    "labels": ["OPEN label"],
                    "nodes": [
                        "OPEN root": ["id": "OPEN root"],
                        "OPEN state": [
                            "composition_mode": "OPEN state mode", "id": "OPEN state", "kind": "tool",
                            "labels": ["OPEN state label"], "tools": ["OPEN:tool"],
                        ],
                    ],
                    "priority": 7, "root_id": "OPEN root", "tags": ["OPEN tag"], "title": "OPEN title",
                ])
        #expect(payload["counts"]?.canonicalized == ["conditions": 2, "states": 2, "transitions": 2])
        #expect(payload["title"] == "OPEN title")
    }

    @Test(arguments: UInt64(1)...60) func `show what the schema's definition lists and nothing else`(_ seed: UInt64)
        throws
    {
        let schema = try JSONValue(try ProjectFiles.bytes("\(JourneyEventTests.schemas)/created.v2.json"))
        let event = JourneyEvent.created(JourneyCreated(content: Self.content(RandomJourney.journey(seed))))
        let definition = try #require(event.payload["definition"])
        func check(_ value: JSONValue, _ name: String) throws {
            let described = try #require(schema["$defs"]?[name])
            #expect(described["additionalProperties"] == false)
            let listed = Set(try #require(described["properties"]?.object).keys)
            #expect(Set(try #require(value.object).keys).isSubset(of: listed))
        }
        try check(definition, "definition")
        for node in try #require(definition["nodes"]?.object).members { try check(node.value, "node") }
        for edge in try #require(definition["edges"]?.array) { try check(edge, "edge") }
    }

    @Test(arguments: hidden) func `are read without them, and written again as they were`(_ hidden: JSONValue) throws {
        for seed in UInt64(1)...60 {
            let definition = RandomJourney.journey(seed)
            let event = JourneyEvent.created(JourneyCreated(content: Self.content(definition)))
            let seen = try Self.seen(event, hidden)
            guard case .created(let created) = seen else {
                Issue.record("seed \(seed): \(seen.type)")
                continue
            }
            let content = created.content
            #expect(content.isHidden && content.digest == definition.digest)
            #expect(content.hidden == .init(form: hidden, conditions: definition.conditions.count))
            #expect(content.definition == definition.withoutWriting)
            #expect(seen.encoded() == Self.sealed(event, hidden).canonicalBytes())
        }
    }

    @Test func `fit an event when they are sealed, or are refused`() throws {
        func journey(_ characters: Int) -> JourneyDefinition {
            JourneyDefinition(
                title: "T", root: "r",
                states: [JourneyState(id: "r", kind: nil, action: String(repeating: "x", count: characters))],
                transitions: [])
        }
        let fitting = journey(730_000)
        let event = try #require(JourneyDecider.decide(.define(Self.content(fitting)), .unknown).first)
        let plain = try #require(event.payload["values"]).canonicalBytes().count
        let text = String(repeating: "A", count: (plain + 30) / 3 * 4)
        let sealed = SealedValue(subject: "workspace:default", key: "1", ciphertext: text).value
        #expect(Self.sealed(event, sealed).compactBytes().count < 1 << 20)
        let large = journey(740_000)
        let limit = JourneyLimits.definitionBytes
        #expect(large.canonicalBytes().count < limit && large.storedBytes > limit)
        #expect(throws: JourneyDecider.Rejection.definitionTooLarge(bytes: large.storedBytes, limit: limit)) {
            try JourneyDecider.decide(.define(Self.content(large)), .unknown)
        }
        #expect(throws: JourneyFormatError.definitionTooLarge(bytes: large.storedBytes, limit: limit)) {
            try JourneyFile.read(large.canonicalBytes(), name: "f.json")
        }
    }

    @Test(arguments: hidden) func `keep the name of their file and the reason of their archiving to themselves`(
        _ hidden: JSONValue
    ) throws {
        let origin = JourneyOrigin.file(name: "SECRET.json", format: .canonical)
        let created = JourneyEvent.created(
            JourneyCreated(content: JourneyContent(definition: Self.whole, origin: origin)))
        let archived = JourneyEvent.archived(JourneyArchived(revision: 1, reason: "SECRET"))
        for event in [created, archived] {
            #expect(!String(decoding: Self.sealed(event, hidden).compactBytes(), as: UTF8.self).contains("SECRET"))
            let seen = try Self.seen(event, hidden)
            #expect(seen.encoded() == Self.sealed(event, hidden).canonicalBytes())
        }
        guard case .created(let seen) = try Self.seen(created, hidden),
            case .archived(let away) = try Self.seen(archived, hidden)
        else { throw NoJourney() }
        #expect(seen.content.origin == .file(name: hidden, format: .canonical) && seen.content.origin.isHidden)
        #expect(away.reason == hidden)
        // Version 1 stored both in the open, and is read for ever.
        for event in [created, archived] {
            #expect(try JourneyEvent(decoding: event.encoded(), type: event.type, schemaVersion: 1) == event)
        }
        #expect(throws: JourneyDecider.Rejection.hiddenValues(Self.whole.digest)) {
            let content = JourneyContent(definition: Self.whole, origin: seen.content.origin)
            return try JourneyDecider.decide(.define(content), .unknown)
        }
    }

    // MARK: Deciding

    @Test(arguments: hidden) func `are told to be the same by their digest`(_ hidden: JSONValue) throws {
        let state = try Self.unseen(Self.whole, hidden)
        let again = try JourneyDecider.decide(.define(Self.content(Self.whole)), state)
        // What is sealed is there; what is erased is stored anew by whoever has it.
        #expect(again.isEmpty == (hidden.erasedSubject == nil))
        // What is left when the values are taken away is another journey.
        let bare = Self.whole.withoutWriting
        #expect(try JourneyDecider.decide(.define(Self.content(bare)), state).count == 1)
    }

    @Test func `are no dead end once they are erased: the same definition brings them back, once`() throws {
        var state = try Self.unseen(Self.whole, Self.hidden[1])
        let events = try JourneyDecider.decide(.define(Self.content(Self.whole)), state)
        guard case .revised(let revised)? = events.first, events.count == 1 else {
            Issue.record("no revision: \(events)")
            return
        }
        #expect(revised.revision == 2 && revised.previousDigest == revised.content.digest)
        state = JourneyDecider.fold(state, events)
        #expect(try JourneyDecider.decide(.define(Self.content(Self.whole)), state) == [])
        #expect(try JourneyDecider.decide(.rename("other"), state).count == 1)
    }

    @Test(arguments: hidden) func `are written as files that say so, and that nobody takes for journeys`(
        _ hidden: JSONValue
    ) throws {
        guard case .defined(let standing) = try Self.unseen(Self.whole, hidden) else { throw NoJourney() }
        let file = standing.content.definition.file(id: "refund", base: nil, hidden: standing.content.hidden?.form)
        let mark = hidden.erasedSubject == nil ? "$sealed" : "$erased"
        #expect(try JSONValue(file, limits: .file)[mark] == ["subject": "workspace:default"])
        #expect(throws: JourneyFormatError.incomplete) { try JourneyFile.read(file, name: "refund.json") }
        let plain = Self.whole.file(id: "refund", base: nil)
        #expect(try JourneyFile.read(plain, name: "refund.json").definition == Self.whole)
    }

    @Test(arguments: hidden) func `are revised with what can be known of the difference`(_ hidden: JSONValue) throws {
        let state = try Self.unseen(Self.whole, hidden)
        let next = JourneyDefinition(
            title: "OPEN title", summary: "another", conditions: ["new"], labels: ["OPEN label", "more"],
            tags: ["OPEN tag"], priority: 7, compositionMode: "OPEN mode", root: "OPEN root",
            states: [
                JourneyState(id: "OPEN root", kind: nil, action: "nobody knows whether this is new"),
                JourneyState(id: "OPEN state", kind: .chat), JourneyState(id: "added", kind: .chat),
            ],
            transitions: [
                JourneyTransition(id: "OPEN first", source: "OPEN root", target: "OPEN state", condition: "unknown"),
                JourneyTransition(id: "OPEN second", source: "OPEN state", target: "added"),
            ])
        let events = try JourneyDecider.decide(.define(Self.content(next)), state)
        guard case .revised(let revised)? = events.first, events.count == 1 else {
            Issue.record("no revision: \(events)")
            return
        }
        #expect(revised.revision == 2 && revised.previousDigest == Self.whole.digest)
        #expect(
            revised.changes
                == JourneyDifference(
                    states: .init(added: ["added"], changed: ["OPEN state"]),
                    transitions: .init(changed: ["OPEN second"]), conditions: .init(), labels: .init(added: ["more"]),
                    tags: .init(), fields: [], isPartial: true, kind: .recreation))
        let after = JourneyDecider.fold(state, events)
        #expect(try Self.standing(after).content == Self.content(next))
        #expect(try JourneyDecider.decide(.define(Self.content(next)), after) == [])
        let again = try JourneyEvent(decoding: events[0].encoded(), type: events[0].type, schemaVersion: 2)
        #expect(again == events[0])
    }

    @Test func `are compared by everything that is open`() {
        let hidden = Self.whole.withoutWriting
        func fields(_ title: String, _ priority: Int, _ mode: String?, _ root: ElementID) -> [JourneyDifference.Field] {
            let other = JourneyDefinition(
                title: title, summary: "any", conditions: ["any"], priority: priority, compositionMode: mode,
                root: root,
                states: Self.whole.states, transitions: Self.whole.transitions.reversed(), metadata: ["any": 1],
                extra: ["any": 1])
            return JourneyDifference(fromHidden: hidden, to: other).fields
        }
        #expect(fields("OPEN title", 7, "OPEN mode", "OPEN root") == [.order])
        #expect(fields("x", 8, nil, "OPEN state") == [.title, .priority, .compositionMode, .root, .order])
        let same = JourneyDifference(fromHidden: hidden, to: Self.whole)
        #expect(same.states.isEmpty && same.transitions.isEmpty && same.isPartial && same.kind == .recreation)
        #expect(!JourneyDifference(from: Self.whole, to: hidden).isPartial)
    }

    @Test(arguments: hidden) func `can be named as they are called, and not otherwise`(_ hidden: JSONValue) throws {
        var state = try Self.unseen(Self.whole, hidden)
        #expect(try JourneyDecider.decide(.rename("OPEN title"), state) == [])
        #expect(throws: JourneyDecider.Rejection.hiddenValues(Self.whole.digest)) {
            try JourneyDecider.decide(.rename("other"), state)
        }
        #expect(throws: JourneyDecider.Rejection.titleLength(characters: 0, allowed: 1...100)) {
            try JourneyDecider.decide(.rename(""), state)
        }
        let renamed = JourneyRenamed(
            title: "other", previousTitle: "OPEN title", digest: Self.whole.titled("other").digest,
            previousDigest: Self.whole.digest, revision: 2)
        state = JourneyDecider.fold(state, [.renamed(renamed)])
        let content = try Self.standing(state).content
        #expect(content.definition.title == "other" && content.digest == renamed.digest && content.isHidden)
        let again = try JourneyDecider.decide(.define(Self.content(Self.whole.titled("other"))), state)
        #expect(again.isEmpty == (hidden.erasedSubject == nil))
    }

    @Test(arguments: hidden) func `are archived and restored as others are, and defined by nobody`(_ hidden: JSONValue)
        throws
    {
        let state = try Self.unseen(Self.whole, hidden)
        let archived = try JourneyDecider.decide(.archive(reason: nil), state)
        #expect(archived == [.archived(JourneyArchived(revision: 1, reason: nil))])
        #expect(
            try JourneyDecider.decide(.restore, JourneyDecider.fold(state, archived))
                == [.restored(JourneyRestored(revision: 1))])
        let bare = JourneyDefinition(title: "T", root: "r", states: [JourneyState(id: "r", kind: nil)], transitions: [])
        for digest in [bare.digest, Self.whole.digest] {
            let content = JourneyContent(
                definition: bare, digest: digest, origin: .parlant, hidden: .init(form: hidden, conditions: 0))
            #expect(throws: JourneyDecider.Rejection.hiddenValues(digest)) {
                try JourneyDecider.decide(.define(content), .unknown)
            }
        }
    }
}

extension JourneyDefinition {
    /// What is left of a journey without what people have written, told field by field.
    fileprivate var withoutWriting: JourneyDefinition {
        JourneyDefinition(
            title: title, labels: labels, tags: tags, priority: priority, compositionMode: compositionMode, root: root,
            states: states.map {
                JourneyState(
                    id: $0.id, kind: $0.kind, tools: $0.tools, labels: $0.labels, compositionMode: $0.compositionMode)
            },
            transitions: transitions.map { JourneyTransition(id: $0.id, source: $0.source, target: $0.target) })
    }
}
