import EventModel
import Testing

@testable import lockstep

@Suite("Two engines in the demonstration") struct DemoEnginesTests {
    @Test func `the same seed makes the same script, another one another`() {
        let script = DemoScript(executions: 30, seed: 3)
        #expect(script.steps == DemoScript(executions: 30, seed: 3).steps)
        #expect(script.steps != DemoScript(executions: 30, seed: 4).steps)
        #expect(script.steps.map(\.at) == script.steps.map(\.at).sorted())
        #expect(Set(script.stories) == Set(DemoStory.allCases))
    }

    @Test func `what happens to an execution happens in its order, and each begins with both sides`() {
        let script = DemoScript(executions: 60, seed: 9)
        for execution in script.stories.indices {
            let acts = script.steps.filter { $0.execution == execution }.map(\.act)
            #expect(acts.prefix(2) == [.begin, .ask] && acts.count >= 3)
        }
        let disputed = script.steps.filter { script.stories[$0.execution] == .disputed }.map(\.act)
        #expect(disputed.count { $0 == .claimLimit(80) } == disputed.count { $0 == .answer("approve") })
    }

    static func event(_ number: Int, of run: String = "r") -> JSONValue {
        ["executionId": .string(run), "eventId": .number(JSONNumber(number))]
    }

    @Test func `on a bad way everything arrives, late, some of it twice and in another order`() {
        var wire = DemoWire(seed: 5, delay: .seconds(1))
        let events = (1...200).map { Self.event($0) }
        wire.take(events, at: .zero)
        #expect(wire.arriving(at: .zero).count < 200 && !wire.isEmpty)
        var arrived: [JSONValue] = []
        for tenth in 1...10 { arrived += wire.arriving(at: .milliseconds(100) * tenth) }
        #expect(wire.isEmpty && wire.sent == 200 + wire.repeated)
        #expect((20...60).contains(wire.repeated) && wire.overtaken > 100)
        let numbers = Set(arrived.compactMap { $0["eventId"]?.int })
        #expect(numbers.isSubset(of: Set(1...200)))
    }

    @Test func `no message is lost whenever one looks`() {
        for seed in 1...20 as ClosedRange<UInt64> {
            var wire = DemoWire(seed: seed)
            var seen: Set<Int> = []
            for number in 1...50 {
                wire.take([Self.event(number)], at: .milliseconds(number * 20))
                seen.formUnion(wire.arriving(at: .milliseconds(number * 20)).compactMap { $0["eventId"]?.int })
            }
            seen.formUnion(wire.arriving(at: .seconds(10)).compactMap { $0["eventId"]?.int })
            #expect(seen == Set(1...50))
        }
    }

    @Test func `the drift is how long the one that is apart for the longest is so`() {
        var tally = DemoTally([.answered, .disputed, .cancelled])
        #expect(tally.drift(at: .seconds(1)) == .zero && !tally.isOver)
        tally.take([0: .apart, 1: .together, 2: .together], at: .seconds(1))
        tally.take([0: .underWay, 1: .waiting, 2: .ended], at: .seconds(2))
        #expect(tally.drift(at: .seconds(4)) == .seconds(3) && tally.apart == 2 && tally.mostApart == 2)
        tally.take([0: .together, 1: .waiting], at: .seconds(5))
        #expect(tally.drift(at: .seconds(6)) == .seconds(4))
        tally.take([0: .apart, 1: .ended], at: .seconds(7))
        #expect(tally.drift(at: .seconds(8)) == .seconds(1))
        tally.take([0: .ended], at: .seconds(9))
        #expect(tally.drift(at: .seconds(9)) == .zero && tally.isOver && tally.everApart == [0, 1])
    }

    @Test func `the table says of every story how it stands, and the line says the same`() {
        var tally = DemoTally([.answered, .disputed, .disputed])
        tally.take([0: .ended, 1: .apart, 2: .waiting], at: .seconds(1))
        tally.ledger.decisions = 4
        let lines = tally.lines(at: .milliseconds(2_500), Style(isColoured: false))
        #expect(lines.count == 5)
        #expect(
            lines[2].hasPrefix(DemoStory.disputed.sentence)
                && lines[2].split(separator: " ").suffix(6) == ["2", "2", "-", "1", "-", "-"])
        #expect(lines[4].contains("decisions 4") && lines[4].contains("drift 1.5 s"))
        #expect(
            tally.line(at: .milliseconds(2_500))
                == "2.5 s  1 of 3 done, apart now 2, under way 0, waiting for a person 1, decisions 4, effects 0 of 0, drift 1.5 s"
        )
    }
}
