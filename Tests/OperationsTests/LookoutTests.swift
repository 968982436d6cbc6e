import EventSourcingTesting
import Testing

@testable import Operations

@Suite("Looking", .timeLimit(.minutes(15))) struct LookoutTests {
    private let time = ManualTimekeeper()

    private func head(_ sight: Lookout.Sight) -> Int64? {
        if case .seen(let look, _) = sight { look.head } else { nil }
    }

    private func refusal(_ sight: Lookout.Sight) -> Refusal? { if case .blind(let why) = sight { why } else { nil } }

    @Test func `asking often costs the database one look a second`() async {
        let source = ScriptedSource(.success(Looks.quiet))
        let lookout = Lookout(source, time: time)
        for _ in 0..<100 { #expect(head(await lookout.sight()) == 100) }
        #expect(source.looks == 1)
        time.advance(by: .milliseconds(999))
        _ = await lookout.sight()
        #expect(source.looks == 1)
        time.advance(by: .milliseconds(1))
        _ = await lookout.sight()
        #expect(source.looks == 2)
    }

    @Test func `a database that refuses is told with its reason, and asked again a second later`() async {
        let source = ScriptedSource(.failure(Refusal("away", todo: "start it")))
        let lookout = Lookout(source, time: time)
        for _ in 0..<5 { #expect(refusal(await lookout.sight())?.why == "away") }
        #expect(source.looks == 1)
        source.tell(.success(Looks.quiet))
        time.advance(by: .seconds(1))
        #expect(head(await lookout.sight()) == 100)
    }

    @Test func `whoever asks is answered at the deadline, and nobody begins a second look beside one that hangs`()
        async
    {
        let source = FrozenSource()
        let lookout = Lookout(source, time: time)
        await withTaskGroup(of: Lookout.Sight.self) { group in
            for _ in 0..<20 { group.addTask { await lookout.sight() } }
            await time.waitForSleepers(1)
            time.advance(by: .seconds(2))
            for await sight in group { #expect(refusal(sight)?.why.contains("within 2.0 seconds") == true) }
        }
        time.advance(by: .seconds(60))
        #expect(refusal(await lookout.sight()) != nil)
        await source.waitForLooks(1)
        #expect(source.looks == 1)
    }

    @Test func `a look that ends after it was given up is not shown, and makes room for the next`() async {
        let source = FrozenSource()
        let lookout = Lookout(source, time: time)
        async let first = lookout.sight()
        await time.waitForSleepers(1)
        time.advance(by: .seconds(2))
        #expect(refusal(await first) != nil)
        await source.waitForLooks(1)
        source.thaw()
        time.advance(by: .seconds(1))
        while await lookout.isLooking { await Task.yield() }
        async let next = lookout.sight()
        await time.waitForSleepers(1)
        time.advance(by: .seconds(2))
        #expect(refusal(await next) != nil)
        await source.waitForLooks(2)
        #expect(source.looks == 2)
        source.thaw()
    }
}
