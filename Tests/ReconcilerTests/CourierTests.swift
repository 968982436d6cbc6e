import EventModel
import EventSourcing
import EventSourcingTesting
import Reconciliation
import Testing

@testable import Reconciler

@Suite struct CourierTests {
    private let engines = TwoEngines()

    /// Looks and attends until nothing is left to do now.
    @discardableResult
    private func bring(
        _ desk: ReconcilingDesk<InMemoryEventStore>, _ courier: Courier<InMemoryEventStore>
    ) async throws -> ReconcilingDesk<InMemoryEventStore>.Report {
        var report = try await desk.examine(engines.key)
        for _ in 0..<8 {
            let before = report.positions
            let visit = try await courier.attend(to: report)
            report = try await desk.examine(engines.key)
            if !visit.hasEnded, report.positions == nil, before == nil { break }
        }
        return report
    }

    private func both() throws -> (ReconcilingDesk<InMemoryEventStore>, Courier<InMemoryEventStore>) {
        let desk = try engines.desk()
        return (desk, engines.courier(desk))
    }

    private func types() async throws -> [String] {
        var types: [String] = []
        let page = try await engines.store.read(StreamQuery(StreamName(trusting: "reconciliation-run-1")))
        for event in page.events { types.append(String(event.type.rawValue.dropFirst("reconciliation.".count))) }
        return types
    }

    /// Both stand at the block that asks.
    private func together() async throws {
        try await engines.prepare()
        try await engines.bind()
        try await engines.walk(to: "start")
        try await engines.comeToAsk()
        try await engines.walk(to: "ask")
    }

    @Test
    func `a wait that the conversation has passed is resumed once, with what was collected, and both agree afterwards`()
        async throws
    {
        try await together()
        let (desk, courier) = try both()
        #expect(try await bring(desk, courier).examined.isConverged)
        #expect(engines.sim.asked.isEmpty)

        try await engines.answer("email", "a@example.org", in: "ask", offset: 10)
        try await engines.walk(to: "check")
        let report = try await bring(desk, courier)

        #expect(
            engines.sim.asked.map(\.action) == [
                .resume(block: "ask", context: "ctx-1", input: ["email": "a@example.org"])
            ])
        #expect(report.examined.isConverged, "\(report.examined.findings)")
        #expect(report.ledger.base[.step("check")] == .step(.started))
        #expect(report.ledger.pending.isEmpty)
        let count = try await types().count
        try await bring(desk, courier)
        #expect(try await types().count == count)
    }

    @Test func `a conversation that is behind is led to where the workflow is`() async throws {
        try await together()
        let (desk, courier) = try both()
        try await bring(desk, courier)
        try await engines.report(.resumed(context: "ctx-1"), input: ["email": "b@example.org"])
        try await engines.complete("ask")
        try await engines.begin("check")
        let report = try await bring(desk, courier)
        #expect(
            engines.parlant.asked.contains {
                $0.action == .enter(journey: TwoEngines.journey, state: "s-check", from: "s-ask")
            })
        #expect(report.examined.isConverged, "\(report.examined.findings) \(report.examined.holds)")
    }

    @Test func `an execution that has ended takes its conversation with it`() async throws {
        try await together()
        let (desk, courier) = try both()
        try await bring(desk, courier)
        try await engines.report(.cancelled)
        let report = try await bring(desk, courier)
        #expect(engines.parlant.asked.map(\.action).contains(.leave(journey: TwoEngines.journey, from: "s-ask")))
        #expect(report.examined.isConverged, "\(report.examined.findings)")
    }

    @Test func `of two reconcilers at once one asks the engine`() async throws {
        try await together()
        let (first, second) = (try both(), try both())
        try await bring(first.0, first.1)
        try await engines.answer("email", "a@example.org", in: "ask", offset: 10)
        try await engines.walk(to: "check")
        async let one = bring(first.0, first.1)
        async let two = bring(second.0, second.1)
        _ = try await (one, two)
        #expect(engines.sim.asked.count == 1)
        let recorded = try await types()
        #expect(
            recorded.count { $0 == "effect_requested" } == 1 + engines.parlant.asked.count,
            "\(engines.parlant.asked.map(\.action)) \(recorded)")
    }

    @Test func `an effect whose answer was lost is looked for and not done again`() async throws {
        try await together()
        let (desk, courier) = try both()
        try await bring(desk, courier)
        engines.sim.mood = .silent
        try await engines.answer("email", "a@example.org", in: "ask", offset: 10)
        try await engines.walk(to: "check")
        let report = try await bring(desk, courier)
        #expect(engines.sim.asked.count == 1)
        #expect(report.examined.isConverged)
        #expect(try await types().contains("effect_unknown"))
    }

    @Test func `an effect that got lost is asked for again once the engine says that it was not carried out`()
        async throws
    {
        try await together()
        let (desk, courier) = try both()
        try await bring(desk, courier)
        engines.sim.mood = .lost
        try await engines.answer("email", "a@example.org", in: "ask", offset: 10)
        try await engines.walk(to: "check")
        try await bring(desk, courier)
        #expect(try await types().suffix(2).contains("effect_stale"))
        engines.sim.mood = .willing
        engines.time.advance(by: .seconds(60))
        let report = try await bring(desk, courier)
        #expect(report.examined.isConverged, "\(report.examined.holds)")
        #expect(engines.sim.probes == 1)
    }

    @Test func `a courier that died right behind putting an effect on record leaves it to be looked for`() async throws
    {
        try await together()
        let (desk, courier) = try both()
        try await bring(desk, courier)
        try await engines.answer("email", "a@example.org", in: "ask", offset: 10)
        try await engines.walk(to: "check")
        let report = try await desk.examine(engines.key)
        let pending = try #require(report.ledger.pending.first { $0.effect.side == .workflow })
        #expect(try await desk.send(pending, by: report) != nil)

        let (other, successor) = try both()
        try await bring(other, successor)
        #expect(engines.sim.asked.isEmpty, "until its time is over it may be on its way")
        engines.time.advance(by: .seconds(121))
        try await bring(other, successor)
        #expect(engines.sim.probes == 1)
        engines.time.advance(by: .seconds(60))
        #expect(try await bring(other, successor).examined.isConverged)
        #expect(engines.sim.asked.count == 1)
    }

    @Test func `an engine that is away for minutes is left alone, and everything heals by itself when it is back`()
        async throws
    {
        try await together()
        let (desk, courier) = try both()
        try await bring(desk, courier)
        engines.sim.mood = .away
        try await engines.answer("email", "a@example.org", in: "ask", offset: 10)
        try await engines.walk(to: "check")
        for _ in 0..<120 {
            try await bring(desk, courier)
            engines.time.advance(by: .seconds(5))
        }
        #expect(engines.sim.asked.count + engines.sim.probes < 80, "\(engines.sim.asked.count) \(engines.sim.probes)")
        #expect(try await desk.examine(engines.key).ledger.queue.isEmpty)
        #expect(try await types().count < 20, "what fails is not written down again and again")
        engines.sim.mood = .willing
        for _ in 0..<10 {
            try await bring(desk, courier)
            engines.time.advance(by: .seconds(60))
        }
        #expect(try await bring(desk, courier).examined.isConverged)
    }

    @Test func `of executions that others attend to nothing is remembered`() async throws {
        try await together()
        let (desk, courier) = try both()
        try await bring(desk, courier)
        engines.sim.mood = .away
        try await engines.answer("email", "a@example.org", in: "ask", offset: 10)
        try await engines.walk(to: "check")
        try await bring(desk, courier)
        #expect(courier.remembered == 1)
        courier.forget { $0 != engines.key }
        #expect(courier.remembered == 1)
        courier.forget { $0 == engines.key }
        #expect(courier.remembered == 0)
    }

    @Test func `a side that is elsewhere again and again is a matter for a person`() async throws {
        try await together()
        let (desk, courier) = try both()
        try await bring(desk, courier)
        engines.sim.mood = .elsewhere
        try await engines.answer("email", "a@example.org", in: "ask", offset: 10)
        try await engines.walk(to: "check")
        for _ in 0..<20 {
            try await bring(desk, courier)
            engines.time.advance(by: .seconds(600))
        }
        #expect(engines.sim.asked.count == LedgerLimits().attempts)
        let queue = try await desk.examine(engines.key).ledger.queue
        #expect(queue[.step("ask")]?.reason == .unreachable(attempts: 5))
    }

    @Test func `a preview says what a look would record, and records nothing`() async throws {
        try await together()
        let (desk, _) = try both()
        let head = try await engines.store.head().position
        let preview = try await desk.preview(engines.key)
        #expect(!preview.examined.events.isEmpty)
        #expect(try await engines.store.head().position == head)
        let report = try await desk.examine(engines.key)
        #expect(report.examined.events.map(\.kind) == preview.examined.events.map(\.kind))
    }
}
