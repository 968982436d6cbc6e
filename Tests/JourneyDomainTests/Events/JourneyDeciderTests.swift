import EventModel
import EventSourcingTesting
import JourneyDomain
import Testing

@Suite("The definition of a journey over time") struct JourneyDeciderTests {
    private static let refund = JourneyDefinition(
        title: "Refund", summary: "d", conditions: ["wants a refund"], labels: ["sim"], root: "r",
        states: [JourneyState(id: "r", kind: nil), JourneyState(id: "a", kind: .chat, action: "Ask")],
        transitions: [
            JourneyTransition(id: "t1", source: "r", target: "a"),
            JourneyTransition(id: "t2", source: "a", target: JourneyState.end),
        ])

    private func content(_ journey: JourneyDefinition, _ origin: JourneyOrigin = .parlant) -> JourneyContent {
        JourneyContent(definition: journey, origin: origin)
    }

    private func after(_ commands: [JourneyDecider.Command]) throws -> JourneyDecider.State {
        var state = JourneyDecider.initialState
        for command in commands { state = JourneyDecider.fold(state, try JourneyDecider.decide(command, state)) }
        return state
    }

    private func changed(
        title: String = "Refund", summary: String = "d", conditions: [String] = ["wants a refund"],
        labels: [String] = ["sim"], priority: Int = 0, action: String = "Ask", metadata: JSONObject = .init()
    ) -> JourneyDefinition {
        JourneyDefinition(
            title: title, summary: summary, conditions: conditions, labels: labels, priority: priority, root: "r",
            states: [JourneyState(id: "r", kind: nil), JourneyState(id: "a", kind: .chat, action: action)],
            transitions: Self.refund.transitions, metadata: metadata)
    }

    @Test func `begins with a creation and goes on only when the content changes, whatever its origin`() throws {
        let first = content(Self.refund)
        #expect(try JourneyDecider.decide(.define(first), .unknown) == [.created(JourneyCreated(content: first))])
        let state = try after([.define(first)])
        let again = content(Self.refund, .converted(workflow: "w", version: 2))
        #expect(try JourneyDecider.decide(.define(again), state) == [])
    }

    @Test func `names in a revision what became different`() throws {
        let state = try after([.define(content(Self.refund))])
        let other = JourneyDefinition(
            title: "Refund", summary: "d", conditions: ["is angry"], labels: ["sim", "vip"], root: "r",
            states: [
                JourneyState(id: "r", kind: nil), JourneyState(id: "a", kind: .chat, action: "Ask again"),
                JourneyState(id: "b", kind: .fork, action: "Decide"),
            ],
            transitions: [JourneyTransition(id: "t1", source: "r", target: "a")])
        let events = try JourneyDecider.decide(.define(content(other)), state)
        guard case .revised(let revised)? = events.first, events.count == 1 else {
            Issue.record("no revision: \(events)")
            return
        }
        #expect(revised.revision == 2 && revised.previousDigest == Self.refund.digest)
        #expect(
            revised.changes
                == JourneyDifference(
                    states: .init(added: ["b"], changed: ["a"]), transitions: .init(removed: ["t2"]),
                    conditions: .init(added: 1, removed: 1), labels: .init(added: ["vip"]),
                    tags: .init(), fields: [], kind: .structure))
    }

    @Test func `says what it takes to bring a change to Parlant`() {
        func kind(_ other: JourneyDefinition) -> JourneyDifference.Kind {
            JourneyDifference(from: Self.refund, to: other).kind
        }
        #expect(kind(changed(title: "Return", action: "Look")) == .recreation)
        #expect(kind(changed(summary: "other")) == .recreation)
        #expect(kind(changed(priority: 1)) == .recreation)
        #expect(kind(changed(labels: ["x"], action: "Look")) == .structure)
        #expect(kind(changed(labels: ["x"])) == .labels)
        #expect(kind(changed(conditions: [])) == .labels)
        #expect(kind(changed(metadata: JSONObject([.init(key: "a", value: 1)]))) == .metadata)
    }

    @Test func `counts another order of transitions as a change of the structure`() {
        let reversed = JourneyDefinition(
            title: "Refund", summary: "d", conditions: ["wants a refund"], labels: ["sim"], root: "r",
            states: Self.refund.states, transitions: Self.refund.transitions.reversed())
        let difference = JourneyDifference(from: Self.refund, to: reversed)
        #expect(difference.fields == [.order] && difference.kind == .structure && difference.transitions.isEmpty)
    }

    @Test func `is never silent about a difference: another digest means something to say`() {
        for seed in UInt64(1)...150 {
            let (old, new) = (RandomJourney.journey(seed), RandomJourney.journey(seed + 1))
            let changes = JourneyDifference(from: old, to: new)
            let isEmpty =
                changes.states.isEmpty && changes.transitions.isEmpty && changes.conditions.isEmpty
                && changes.labels.isEmpty && changes.tags.isEmpty && changes.fields.isEmpty
            #expect(isEmpty == (old.digest == new.digest))
            #expect(JourneyDifference(from: old, to: old).fields.isEmpty)
        }
    }

    @Test func `keeps the list of changes within its limit`() {
        let states = (0..<4_000).map { JourneyState(id: ElementID("a state with a long id \($0)"), kind: .chat) }
        let large = JourneyDefinition(
            title: "Refund", root: "r", states: [JourneyState(id: "r", kind: nil)] + states, transitions: [])
        let changes = JourneyDifference(from: Self.refund, to: large)
        #expect(changes.isTruncated && changes.states.added.count < 4_000 && changes.kind == .recreation)
        let bytes = changes.states.added.reduce(0) { $0 + $1.text.utf8.count + 3 }
        #expect(bytes <= JourneyLimits.changeBytes)
    }

    @Test func `is renamed, archived and restored, each once`() throws {
        var state = try after([.define(content(Self.refund))])
        let renamed = try JourneyDecider.decide(.rename("Return"), state)
        let digest = changed(title: "Return").digest
        #expect(
            renamed == [
                .renamed(
                    JourneyRenamed(
                        title: "Return", previousTitle: "Refund", digest: digest, previousDigest: Self.refund.digest,
                        revision: 2))
            ])
        state = JourneyDecider.fold(state, renamed)
        #expect(try JourneyDecider.decide(.rename("Return"), state) == [])
        #expect(try JourneyDecider.decide(.define(content(changed(title: "Return"))), state) == [])
        #expect(try JourneyDecider.decide(.restore, state) == [])
        let archived = try JourneyDecider.decide(.archive(reason: "replaced"), state)
        #expect(archived == [.archived(JourneyArchived(revision: 2, reason: "replaced"))])
        state = JourneyDecider.fold(state, archived)
        #expect(try JourneyDecider.decide(.archive(reason: nil), state) == [])
        #expect(throws: JourneyDecider.Rejection.archived(revision: 2)) {
            try JourneyDecider.decide(.define(content(Self.refund)), state)
        }
        #expect(throws: JourneyDecider.Rejection.archived(revision: 2)) {
            try JourneyDecider.decide(.rename("x"), state)
        }
        #expect(try JourneyDecider.decide(.restore, state) == [.restored(JourneyRestored(revision: 2))])
    }

    @Test func `refuses what is not there, does not belong together, or does not fit`() throws {
        for command in [JourneyDecider.Command.rename("x"), .archive(reason: nil), .restore] {
            #expect(throws: JourneyDecider.Rejection.notDefined) { try JourneyDecider.decide(command, .unknown) }
        }
        let wrong = ContentDigest(of: [1])
        #expect(throws: JourneyDecider.Rejection.digestMismatch(claimed: wrong, actual: Self.refund.digest)) {
            let content = JourneyContent(definition: Self.refund, digest: wrong, origin: .parlant)
            return try JourneyDecider.decide(.define(content), .unknown)
        }
        let state = try after([.define(content(Self.refund))])
        for (title, count) in [("", 0), (String(repeating: "x", count: 101), 101)] {
            #expect(throws: JourneyDecider.Rejection.titleLength(characters: count, allowed: 1...100)) {
                try JourneyDecider.decide(.rename(title), state)
            }
        }
        #expect(throws: JourneyDecider.Rejection.reasonTooLong(bytes: 4_097, limit: 4_096)) {
            try JourneyDecider.decide(.archive(reason: String(repeating: "x", count: 4_097)), state)
        }
        let large = changed(summary: String(repeating: "x", count: JourneyLimits.definitionBytes))
        #expect(
            throws: JourneyDecider.Rejection.definitionTooLarge(
                bytes: large.storedBytes, limit: JourneyLimits.definitionBytes)
        ) { try JourneyDecider.decide(.define(content(large)), .unknown) }
    }

    @Test(arguments: UInt64(1)...60) func `deciding twice appends nothing twice, over any history`(_ seed: UInt64)
        throws
    {
        var random = SplitMix64(seed: seed)
        var state = JourneyDecider.initialState
        for _ in 0..<20 {
            let commands: [JourneyDecider.Command] = [
                .define(content(RandomJourney.journey(.random(in: 0...3, using: &random)))), .rename("A"), .rename("B"),
                .archive(reason: nil), .restore,
            ]
            let command = commands[Int.random(in: 0..<5, using: &random)]
            guard let events = try? JourneyDecider.decide(command, state) else { continue }
            state = JourneyDecider.fold(state, events)
            #expect(try JourneyDecider.decide(command, state) == [])
            if case .defined(let standing) = state {
                #expect(standing.content.digest == standing.content.definition.digest)
            }
        }
    }
}
