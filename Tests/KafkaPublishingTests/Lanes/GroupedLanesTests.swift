import EventSourcing
import Testing

@testable import KafkaPublishing

@Suite struct `Lanes as a group gives them out` {
    @Test func `what is taken counts when it is known what is given instead`() {
        var lanes = GroupedLanes(at: .zero)
        #expect(lanes.give([0, 1, 2]) == .given([0, 1, 2]))
        lanes.take([0, 1, 2], at: .seconds(1))
        #expect(lanes.wait(until: .seconds(2)) == nil)
        #expect(lanes.give([1, 2]) == .given([1, 2]))
        #expect(lanes.wait(until: .seconds(100)) == nil, "it is told once")
    }

    @Test func `where only the difference is told, the rest stays`() {
        var lanes = GroupedLanes(at: .zero)
        _ = lanes.give([0, 1, 2])
        lanes.take([2], at: .seconds(1))
        #expect(lanes.give([]) == .given([0, 1]))
    }

    @Test func `a group that decides nothing in time is said to be undecided, once`() {
        var lanes = GroupedLanes(at: .zero)
        _ = lanes.give([0, 1])
        lanes.take([0, 1], at: .seconds(1))
        lanes.take([], at: .seconds(9))
        #expect(lanes.wait(until: .seconds(1) + GroupedLanes.grace - .milliseconds(1)) == nil)
        #expect(lanes.wait(until: .seconds(1) + GroupedLanes.grace) == .undecided)
        #expect(lanes.wait(until: .seconds(2) + GroupedLanes.grace) == nil)
    }

    @Test func `a member that was dropped has nothing at once`() {
        var lanes = GroupedLanes(at: .zero)
        _ = lanes.give([0, 1])
        #expect(lanes.drop([0, 1], at: .seconds(5)) == .given([]))
    }

    @Test func `who joins a group that does not decide, or was dropped by it, is told so as well`() {
        var lanes = GroupedLanes(at: .seconds(3))
        #expect(lanes.wait(until: .seconds(2) + GroupedLanes.grace) == nil)
        #expect(lanes.wait(until: .seconds(3) + GroupedLanes.grace) == .undecided)
        _ = lanes.give([0])
        _ = lanes.drop([0], at: .seconds(100))
        #expect(lanes.wait(until: .seconds(100) + GroupedLanes.grace) == .undecided)
    }
}
