import Testing

@testable import Operations

@Suite("Status of lanes") struct LaneStatusTests {
    private func lane(_ number: Int, at position: Int64, error: String? = nil, generation: Int = 3) -> ConsumerStatus {
        ConsumerStatus(
            consumer: "timeline", kind: "projector", version: 1, lane: number, lanes: 3, generation: generation,
            state: error == nil ? "live" : "stopped", position: position, head: 10, lagEvents: 10 - position,
            lagSeconds: Double(10 - position), parkedKeys: 1, eventsHandled: position, updatedAt: nil, silentSeconds: 1,
            lastError: error)
    }

    @Test func `the lanes of a generation are one line, which stands where the slowest stands`() {
        let found = [lane(0, at: 9), lane(1, at: 4), lane(2, at: 10), lane(0, at: 10, generation: 4)]
            .summarised(logAge: 99)
        #expect(found.count == 2)
        #expect(found[0].lane == -1 && found[0].lanes == 3 && found[0].slowestLane == 1)
        #expect(found[0].position == 4 && found[0].lagEvents == 6 && found[0].lagSeconds == 6)
        #expect(found[0].parkedKeys == 3 && found[0].eventsHandled == 23)
    }

    @Test func `a lane without a checkpoint has handled nothing`() {
        let found = [lane(0, at: 9), lane(2, at: 10)].summarised(logAge: 99)
        #expect(found[0].position == 0 && found[0].lagEvents == 10 && found[0].lagSeconds == 99)
        #expect(found[0].slowestLane == 1)
    }

    @Test func `a lane that has stopped stops the line, and says which it is`() {
        let found = [lane(0, at: 9, error: "broken"), lane(1, at: 4), lane(2, at: 10)].summarised(logAge: 99)
        #expect(found[0].lastError == "lane 0: broken")
        #expect(found[0].health(patience: 30) == .stopped)
    }

    @Test func `a lane that is ahead of the log, or on another history, is not hidden by one that is behind`() {
        #expect(
            [lane(0, at: 12), lane(1, at: 4), lane(2, at: 4)].summarised(logAge: 9)[0].health(patience: 30) == .stopped)
        var other = lane(2, at: 9)
        other.isOnThisHistory = false
        #expect([lane(0, at: 9), lane(1, at: 4), other].summarised(logAge: 9)[0].health(patience: 30) == .stopped)
    }
}
