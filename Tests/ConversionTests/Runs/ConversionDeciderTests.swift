import Conversion
import EventModel
import EventSourcingTesting
import Foundation
import Testing

@Suite("The conversions of an entity") struct ConversionDeciderTests {
    private let started = ConversionStarted(
        run: UUID(), direction: .toJourney, sourceID: "refund", sourceDigest: ContentDigest(of: [1]), rules: 1)
    private var steps: [ConversionStepCompleted] {
        ConversionStep.allCases.map { ConversionStepCompleted(run: started.run, step: $0, counts: ["blocks": 3]) }
    }
    private var completed: ConversionCompleted {
        ConversionCompleted(
            run: started.run, resultID: "refund", resultDigest: ContentDigest(of: [2]), mappingVersion: 1, report: [:])
    }
    private var failed: ConversionFailed {
        ConversionFailed(run: started.run, step: .validateSource, code: "invalid_source", message: "no blocks")
    }

    private func state(after events: [ConversionEvent]) -> ConversionDecider.State {
        ConversionDecider.fold(ConversionDecider.initialState, events)
    }

    private func migrations(_ streams: [String], isLast: Bool = true) -> SessionMigrations {
        SessionMigrations(
            run: started.run, journey: "refund",
            sessions: streams.map {
                SessionMigration(
                    stream: $0, version: 3, session: "s", execution: nil,
                    outcome: .carried(states: ["refund.a", nil], indexes: ["2", nil], isChanged: true))
            }, isLast: isLast)
    }

    @Test func `what a conversion means for a session is told once`() throws {
        var now = state(after: [.started(started), .completed(completed)])
        for (told, count) in [(["a", "b"], 2), (["b", "c"], 1), (["a"], 0)] {
            let events = try ConversionDecider.decide(.migrate(migrations(told, isLast: false)), now)
            #expect(events.isEmpty == (count == 0))
            now = ConversionDecider.fold(now, events)
        }
        now = ConversionDecider.fold(now, try ConversionDecider.decide(.migrate(migrations(["a"])), now))
        #expect(now[started.run]?.migrations.map(\.stream) == ["a", "b", "c"] && now[started.run]?.isMigrated == true)
        #expect(try ConversionDecider.decide(.migrate(migrations(["z"])), now).isEmpty, "it is concluded")
        #expect(throws: ConversionDecider.Rejection.notCompleted(started.run)) {
            try ConversionDecider.decide(.migrate(migrations(["a"])), state(after: [.started(started)]))
        }
    }

    @Test(arguments: [
        SessionMigration.Outcome.carried(states: ["j.a"], indexes: ["1"], isChanged: false),
        .stranded(.emptyPath), .stranded(.unknownState("99")), .stranded(.stateRemoved("j.a")),
        .stranded(.containerChanged("j.a")), .stranded(.unreachable("j.a")),
        .stranded(.wayRemoved(from: "j.a", to: "j.b")), .tooLong(bytes: 600_000),
    ])
    func `a migration comes back as it was stored`(_ outcome: SessionMigration.Outcome) throws {
        let migration = SessionMigration(
            stream: "parlant_session-s", version: 2, session: nil, execution: "e", outcome: outcome)
        #expect(try SessionMigration(PayloadReader(migration.canonicalValue)) == migration)
        #expect((migration.obstacle == nil) == migration.isCarried)
    }

    @Test func `starting the same conversion twice appends once`() throws {
        let first = try ConversionDecider.decide(.start(started), ConversionDecider.initialState)
        #expect(first == [.started(started)])
        #expect(try ConversionDecider.decide(.start(started), state(after: first)).isEmpty)
    }

    @Test func `completing twice appends once, and the steps with it`() throws {
        let before = state(after: [.started(started)])
        let events = try ConversionDecider.decide(.complete(steps: steps, completed), before)
        #expect(events.count == 7)
        let after = ConversionDecider.fold(before, events)
        #expect(try ConversionDecider.decide(.complete(steps: steps, completed), after).isEmpty)
        #expect(after.latestCompleted(.toJourney)?.completed == completed)
        #expect(after.latestCompleted(.toWorkflow) == nil)
    }

    @Test func `a step that is on record is not recorded again`() throws {
        let before = state(after: [.started(started), .stepCompleted(steps[0])])
        let events = try ConversionDecider.decide(.complete(steps: steps, completed), before)
        #expect(events.first == .stepCompleted(steps[1]))
        #expect(events.count == 6)
    }

    @Test func `a conversion that failed may be started again and forgets its steps`() throws {
        let before = state(after: [.started(started), .stepCompleted(steps[0]), .failed(failed)])
        #expect(try ConversionDecider.decide(.start(started), before).isEmpty, "nothing new is said")
        let again = try ConversionDecider.decide(.restart(started), before)
        #expect(again == [.started(started)])
        let after = ConversionDecider.fold(before, again)
        #expect(after[started.run]?.steps.isEmpty == true)
        #expect(after[started.run]?.failed == nil)
    }

    @Test func `a completed conversion may be begun again, one that is under way may not`() throws {
        let done = state(after: [.started(started), .completed(completed)])
        let again = try ConversionDecider.decide(.restart(started), done)
        #expect(again == [.started(started)])
        let underWay = ConversionDecider.fold(done, again)
        #expect(underWay[started.run]?.completed == nil)
        #expect(try ConversionDecider.decide(.restart(started), underWay).isEmpty)
    }

    @Test func `a result for a conversion that nobody started is refused`() {
        #expect(throws: ConversionDecider.Rejection.unknownRun(started.run)) {
            try ConversionDecider.decide(.complete(steps: [], completed), ConversionDecider.initialState)
        }
    }

    @Test func `a conversion ends once`() throws {
        let ended = state(after: [.started(started), .completed(completed)])
        #expect(throws: ConversionDecider.Rejection.ended(started.run)) {
            try ConversionDecider.decide(.fail(steps: [], failed), ended)
        }
        let other = ConversionCompleted(
            run: started.run, resultID: "refund", resultDigest: ContentDigest(of: [3]), mappingVersion: 2, report: [:])
        #expect(throws: ConversionDecider.Rejection.ended(started.run)) {
            try ConversionDecider.decide(.complete(steps: [], other), ended)
        }
    }

    @Test func `a conversion that fails once more is told of when the reason is another`() throws {
        let before = state(after: [.started(started), .failed(failed)])
        #expect(try ConversionDecider.decide(.fail(steps: [steps[0]], failed), before).isEmpty)
        let other = ConversionFailed(run: started.run, step: .storeMapping, code: "target_changed", message: "changed")
        let events = try ConversionDecider.decide(.fail(steps: [steps[0]], other), before)
        #expect(events == [.started(started), .stepCompleted(steps[0]), .failed(other)])
        #expect(ConversionDecider.fold(before, events)[started.run]?.failed == other)
    }

    @Test func `the state remembers a bounded number of conversions`() {
        let many = (0..<150).map { index in
            ConversionEvent.started(
                ConversionStarted(
                    run: UUID(), direction: .toWorkflow, sourceID: "\(index)", sourceDigest: ContentDigest(of: []),
                    rules: 1))
        }
        #expect(state(after: many).runs.count == ConversionRunLimits.rememberedRuns)
        #expect(state(after: many).runs.last?.started.sourceID == "149")
    }

    @Test func `findings beyond the limit are left out`() {
        let many = (0..<500).map { JSONValue.number(JSONNumber($0)) }
        let failed = ConversionFailed(
            run: started.run, step: .analyse, code: "c", message: "m", findings: many)
        #expect(failed.findings.count == ConversionRunLimits.findings)
    }
}

@Suite("The stored events of conversions") struct ConversionEventCodingTests {
    private static let schemas = ProjectFiles.eventSchemas(of: "conversion")

    @Test(arguments: ConversionEvent.Kind.allCases)
    func `every sample reads back to the bytes it came from`(_ kind: ConversionEvent.Kind) throws {
        let name = kind.rawValue.replacing("conversion.", with: "")
        let sample = try ProjectFiles.bytes("\(Self.schemas)/\(name).v1.sample.json")
        let type = EventType(trusting: kind.rawValue)
        let event = try ConversionEvent(decoding: sample, type: type, schemaVersion: 1)
        #expect(event.kind == kind)
        #expect(event.encoded() == (try JSONValue(sample)).canonicalBytes())
        let schema = try JSONValue(try ProjectFiles.bytes("\(Self.schemas)/\(name).v1.json"))
        #expect(schema["title"]?.string == kind.rawValue)
        let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
        #expect(required == Set(event.payload.object?.keys ?? []))
    }

    @Test func `the names are stable`() {
        #expect(
            ConversionEvent.Kind.allCases.map(\.rawValue) == [
                "conversion.started", "conversion.step_completed", "conversion.completed", "conversion.failed",
                "conversion.paths_migrated",
            ])
    }

    @Test func `what this version does not know is a typed flaw`() {
        #expect(throws: EventFlaw.self) {
            try ConversionEvent(
                decoding: Array("{}".utf8), type: EventType(trusting: "conversion.started"), schemaVersion: 9)
        }
        #expect(throws: EventFlaw.missing(JSONPath.root["run"])) {
            try ConversionEvent(
                decoding: Array("{}".utf8), type: EventType(trusting: "conversion.started"), schemaVersion: 1)
        }
    }
}
