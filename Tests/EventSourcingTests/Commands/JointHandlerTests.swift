import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import Testing

/// A tank that is filled up to a limit: the smallest rule that can refuse.
private enum Tank: Decider {
    struct Filled: DomainEvent {
        static let category = "tank"
        static let personalMarks: [PersonalMark] = []
        let litres: Int
        var type: EventType { EventType(trusting: "tank.filled") }
        var schemaVersion: Int32 { 1 }
        var payload: JSONValue { ["litres": .number(JSONNumber(litres))] }
        init(_ litres: Int) { self.litres = litres }
        init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
            litres = try payload.int("litres")
        }
    }
    struct Full: Error, Equatable { let litres: Int }

    static let initialState = 0
    static func evolve(_ state: Int, _ event: Filled) -> Int { state + event.litres }
    /// Fills up to so many litres.
    static func decide(_ command: Int, _ state: Int) throws(Full) -> [Filled] {
        guard command <= 100 else { throw Full(litres: command) }
        return command > state ? [Filled(command - state)] : []
    }
}

@Suite("A command over several streams") struct JointHandlerTests {
    private let store = InMemoryEventStore()
    private let left: StreamName
    private let right: StreamName

    init() {
        left = "tank-left"
        right = "tank-right"
    }

    private func context(_ id: UUID = UUID()) -> CommandContext {
        CommandContext(id: id, time: Timestamp(microseconds: 1_000_000))
    }

    private func level(_ stream: StreamName) async throws -> Int {
        var total = 0
        for event in try await store.read(StreamQuery(stream)).events { total += try Tank.Filled(event).litres }
        return total
    }

    private func fill(_ levels: [(StreamName, Int)], _ context: CommandContext) async throws -> JointOutcome<Int> {
        try await JointHandler(store).handle(context) { decisions in
            var events = 0
            for (stream, level) in levels {
                events += try await decisions.decide([level], by: Tank.self, over: stream).events.count
            }
            return events
        }
    }

    @Test func `becomes one append, and is nothing the second time`() async throws {
        let first = try await fill([(left, 10), (right, 20)], context())
        #expect(first.effect == .appended)
        #expect(first.positions == GlobalPosition(1)...GlobalPosition(2))
        let second = try await fill([(left, 10), (right, 20)], context())
        #expect(second.effect == .unchanged)
        #expect(second.positions == nil)
        #expect(try await level(left) == 10)
        #expect(try await level(right) == 20)
    }

    @Test func `decides over what was read ahead as over what is read when it is asked for`() async throws {
        _ = try await fill([(left, 10)], context())
        let outcome = try await JointHandler(store).handle(context()) { decisions in
            try await decisions.readAhead([left, right])
            let before = try await decisions.state(of: left, by: Tank.self)
            _ = try await decisions.decide([30], by: Tank.self, over: left)
            _ = try await decisions.decide([5], by: Tank.self, over: right)
            return before.state
        }
        #expect(outcome.answer == 10 && outcome.effect == .appended)
        #expect(try await level(left) == 30)
        #expect(try await level(right) == 5)
    }

    @Test func `takes the caller's word for a stream, and reads it when somebody else has written since`() async throws
    {
        let known = try #require(try await fill([(left, 10)], context()).positions)
        let end = StreamEnd(version: StreamVersion(1), position: known.upperBound)
        func fillKnowing(_ litres: Int) async throws -> JointOutcome<[Int]> {
            try await JointHandler(store).handle(context()) { decisions in
                decisions.take(10, endingAt: end, of: left, by: Tank.self)
                return try await decisions.decide([litres], by: Tank.self, over: left).events.map(\.litres)
            }
        }
        #expect(try await fillKnowing(15).answer == [5])
        // Known as it was, it would be filled by 20; the log holds 15 by now.
        #expect(try await fillKnowing(30).answer == [15])
        #expect(try await level(left) == 30)
    }

    @Test func `previews what it would decide, and appends nothing`() async throws {
        let events = try await JointHandler(store).preview(context()) { decisions in
            try await decisions.decide([7], by: Tank.self, over: left).events.map(\.litres)
        }
        #expect(events == [7])
        #expect(store.log.head == .start)
    }

    @Test func `gives events of the same version different ids`() async throws {
        _ = try await fill([(left, 1), (right, 1)], context())
        let ids = try await store.read(EventQuery(after: .start)).events.map(\.id)
        #expect(Set(ids).count == 2)
    }

    @Test func `leaves nothing of itself when one rule refuses`() async throws {
        await #expect(throws: CommandError<Tank.Full>.rejected(Tank.Full(litres: 101))) {
            try await fill([(left, 10), (right, 101)], context())
        }
        #expect(try await store.head().position == .start)
    }

    @Test func `is decided anew when somebody else wrote first`() async throws {
        let intruder = try await fill([(left, 5)], context())
        #expect(intruder.effect == .appended)
        let attempts = Attempts()
        let outcome = try await JointHandler(store).handle(context()) { [left, right, store] decisions in
            _ = try await decisions.decide([30], by: Tank.self, over: left)
            if attempts.next() == 1 {
                // Between the decision and its append, another process writes to the stream.
                _ = try await JointHandler(store).handle(
                    CommandContext(id: UUID(), time: Timestamp(microseconds: 2))
                ) { other in
                    try await other.decide([12], by: Tank.self, over: left).events.count
                }
            }
            return try await decisions.decide([7], by: Tank.self, over: right).events.count
        }
        #expect(outcome.effect == .appended)
        #expect(attempts.count == 2)
        #expect(try await level(left) == 30)
        #expect(try await level(right) == 7)
    }

    @Test func `reads a stream once, and sees what it has decided itself`() async throws {
        _ = try await fill([(left, 5)], context())
        let outcome = try await JointHandler(store).handle(context()) { [left, right, store] decisions in
            let before = try await decisions.state(of: left, by: Tank.self)
            if before.state == 5 {
                _ = try await JointHandler(store).handle(
                    CommandContext(id: UUID(), time: Timestamp(microseconds: 2))
                ) { try await $0.decide([12], by: Tank.self, over: left).events.count }
            }
            let again = try await decisions.state(of: left, by: Tank.self)
            #expect(again.state == before.state && again.version == before.version)
            let decided = try await decisions.decide([before.state + 10], by: Tank.self, over: left).state
            let behind = try await decisions.state(of: left, by: Tank.self)
            #expect(behind.state == decided && behind.version?.rawValue == (before.version?.rawValue ?? 0) + 1)
            return try await decisions.decide([decided], by: Tank.self, over: right).state
        }
        #expect(outcome.answer == 22)
        #expect(try await level(left) == 22)
        #expect(try await level(right) == 22)
    }

    @Test func `is decided anew when a stream was written that it only read`() async throws {
        let attempts = Attempts()
        let outcome = try await JointHandler(store).handle(context()) { [left, right, store] decisions in
            let seen = try await decisions.state(of: left, by: Tank.self).state
            if attempts.next() == 1 {
                _ = try await JointHandler(store).handle(
                    CommandContext(id: UUID(), time: Timestamp(microseconds: 2))
                ) { try await $0.decide([12], by: Tank.self, over: left).events.count }
            }
            return try await decisions.decide([seen + 1], by: Tank.self, over: right).state
        }
        #expect(attempts.count == 2)
        #expect(outcome.answer == 13)
        #expect(try await level(right) == 13)
    }

    @Test func `decides over a stream more than once`() async throws {
        let outcome = try await JointHandler(store).handle(context()) { [left] decisions in
            _ = try await decisions.decide([10], by: Tank.self, over: left)
            return try await decisions.decide([30], by: Tank.self, over: left).state
        }
        #expect(outcome.positions == GlobalPosition(1)...GlobalPosition(2))
        #expect(try await level(left) == 30)
    }

    @Test func `gives up when others keep writing`() async throws {
        let limits = CommandLimits(decisions: 2)
        await #expect(throws: JointContention(attempts: 2)) {
            _ = try await JointHandler(store, limits: limits, time: ManualTimekeeper()).handle(context()) {
                [left, store] decisions in
                let state = try await decisions.decide([90], by: Tank.self, over: left).state
                let other = try await JointHandler(store).state(of: left, by: Tank.self)
                _ = try await JointHandler(store).handle(CommandContext(id: UUID(), time: Timestamp(microseconds: 3))) {
                    try await $0.decide([other + 1], by: Tank.self, over: left).state
                }
                return state
            }
        }
        #expect(try await level(left) == 2)
    }
}

/// Counts how often a body ran.
private final class Attempts: @unchecked Sendable {
    // Only the body of one handler touches it, and a handler runs its body once at a time.
    private(set) var count = 0
    func next() -> Int {
        count += 1
        return count
    }
}
