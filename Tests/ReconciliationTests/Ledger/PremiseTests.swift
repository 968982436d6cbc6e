import EventModel
import EventSourcingTesting
import FoundationEssentials
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct `What an effect was decided against` {
    private static let ended = Policy(
        name: "ended", version: 1,
        rules: [PolicyRule(.fields(of: .status), .journeyWins), PolicyRule(.everything, .workflowWins)])

    private func effects(_ world: ModelWorld) -> [Effect] {
        world.log.compactMap { if case .effectRequested(let effect, _) = $0 { effect } else { nil } }
    }

    @Test func `a run is cancelled where it waits, and that is on record`() throws {
        var world = ModelWorld.agreeing(by: Self.ended)
        world.workflow.advance()
        world.journey.move(to: 1)
        world.hearAndLook()
        world.journey.isOver = true
        world.hearAndLook()
        let effect = try #require(effects(world).last)
        #expect(effect.action == .cancel)
        #expect(effect.premise == .run(.waiting, waits: ["c1"]))
    }

    @Test func `a conversation is told something behind what was heard of it`() {
        let told = Effect.Action.tell(Effect.Told(values: ["v0": 2]))
        var circumstances = Circumstances(status: .running)
        #expect(circumstances.premise(of: told) == nil)
        circumstances.heardThrough = 17
        #expect(circumstances.premise(of: told) == .heard(through: 17))
        #expect(circumstances.premise(of: .close) == nil)
    }

    @Test func `of a run with very many waits the first are kept, in whatever order they were heard`() {
        let names = (0..<1_000).map { String(1_000 + $0) }
        let circumstances = Circumstances(
            status: .waiting, waits: names.reversed().map { Circumstances.Wait(block: "b", context: $0) })
        #expect(circumstances.premise(of: .cancel) == .run(.waiting, waits: Array(names.prefix(100))))
        #expect(Circumstances(status: nil).premise(of: .cancel) == nil)
    }

    // MARK: On record

    private static let id = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))

    private func requested(_ action: Effect.Action, _ premise: Effect.Premise?) -> ReconciliationEvent {
        .effectRequested(
            Effect(
                id: Self.id, action: action, fields: [.status], resolutions: [Self.id], attempt: 1,
                deadline: Timestamp(microseconds: 1_800_000_000_000_000), premise: premise), subject: "customer:c")
    }

    private func decoded(_ payload: JSONValue) throws -> ReconciliationEvent {
        try ReconciliationEvent(
            decoding: payload.compactBytes(), type: ReconciliationEvent.Kind.effectRequested.type, schemaVersion: 1)
    }

    @Test(arguments: [
        nil, Effect.Premise.run(.waiting, waits: ["c1", "c2"]), .run(.queued, waits: []), .heard(through: 0),
    ]) func `it comes back as it was, and what is not known is not written`(_ premise: Effect.Premise?) throws {
        for action in [Effect.Action.cancel, .tell(Effect.Told(values: ["v0": 2]))] {
            let event = requested(action, premise)
            #expect(try decoded(event.payload) == event)
            #expect((event.payload["premise"] == nil) == (premise == nil))
        }
    }

    @Test func `what is written is what the schema describes`() throws {
        let schema = try JSONValue(
            try ProjectFiles.bytes("\(ProjectFiles.eventSchemas(of: "reconciliation"))/effect_requested.v1.json"))
        let described = try #require(schema["properties"]?["premise"]?["properties"])
        let written = [Effect.Premise.run(.waiting, waits: []), .heard(through: 1)].flatMap {
            $0.json.object?.keys ?? []
        }
        #expect(Set(described.object?.keys ?? []) == Set(written))
        #expect(described["status"]?["enum"]?.array?.compactMap(\.string) == ExecutionStatus.allCases.map(\.rawValue))
        #expect(described["waits"]?["maxItems"]?.int == Effect.Premise.mostWaits)
    }

    @Test(
        arguments: [
            "waiting", [], 7, [:], ["status": "asleep"], ["status": 1], ["status": "waiting", "waits": [1]],
            ["status": "waiting", "waits": "c1"], ["heard": "1"], ["heard": true], ["heard": .null],
        ] as [JSONValue]) func `one of another form is a flaw with its place`(_ premise: JSONValue) throws
    {
        var payload = try #require(requested(.cancel, nil).payload.object)
        payload["premise"] = premise
        #expect(throws: EventFlaw.self) { _ = try decoded(.object(payload)) }
    }
}
