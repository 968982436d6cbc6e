import Testing

@testable import Simulation

@Suite struct `A simulated group` {
    @Test func `every decision gives every lane to one member`() {
        var group = SimulatedGroup(lanes: 5)
        for count in 1...3 {
            _ = group.join(at: 0)
            let decisions = group.decide(beginningAt: count)
            #expect(decisions.flatMap(\.lanes).sorted() == [0, 1, 2, 3, 4])
            #expect(decisions.count == count)
        }
    }

    @Test func `two members believe that a lane is theirs until both have heard the decision`() {
        var group = SimulatedGroup(lanes: 2)
        let (first, second) = (group.join(at: 0), group.join(at: 0))
        for decision in group.decide(beginningAt: 0) { group.deliver(decision, as: decision.word) }
        let before = group.takeNews(of: first)
        #expect(before != nil)
        let swapped = group.decide(beginningAt: 1)
        for decision in swapped where decision.member == second { group.deliver(decision, as: decision.word) }
        #expect(group.takeNews(of: second) == before)
        #expect(group.takeNews(of: first) == nil)
    }

    @Test func `an older decision is not heard after a newer one, the same one is heard again`() throws {
        var group = SimulatedGroup(lanes: 2)
        let member = group.join(at: 0)
        let before = group.decide(beginningAt: 0)
        _ = group.join(at: 0)
        let after = group.decide(beginningAt: 0)
        let (old, new) = try (#require(before.first), #require(after.first))
        group.deliver(new, as: new.word)
        #expect(group.takeNews(of: member) == new.word)
        group.deliver(old, as: old.word)
        #expect(group.takeNews(of: member) == nil)
        group.deliver(new, as: new.word)
        #expect(group.takeNews(of: member) == new.word)
    }

    @Test func `who is silent is dropped, and leaves no hints any more`() {
        var group = SimulatedGroup(lanes: 2)
        let (silent, lively) = (group.join(at: 0), group.join(at: 0))
        group.keep([0: 7], of: silent)
        group.hear(lively, at: 10)
        #expect(group.dropSilent(since: 5) == 1)
        group.keep([0: 9], of: silent)
        #expect(group.hint(for: 0, back: 0) == 7)
        #expect(!group.contains(silent) && group.contains(lively))
    }
}
