import EventModel
import Replaying
import Testing

@Suite struct `The pace of a replay` {
    private func moment(_ seconds: Double) -> Timestamp {
        Timestamp(microseconds: 1_770_000_000_000_000 + Int64(seconds * 1_000_000))
    }

    /// The waits before events that were recorded at these seconds, when nothing but waiting takes time.
    private func waits(
        _ speed: ReplayPace.Speed, _ recorded: [Double], longest: Duration = ReplayPace.longestWait
    ) -> [ReplayPace.Wait] {
        var pace = ReplayPace(speed, longestWait: longest)
        var now = Duration.seconds(1_000)
        return recorded.map { second in
            let wait = pace.wait(before: moment(second), at: now)
            now += wait.duration
            return wait
        }
    }

    @Test func `as fast as possible, nothing waits`() {
        #expect(waits(.unbounded, [0, 3_600, 1]).allSatisfy { $0 == .none })
    }

    @Test func `in real time, events are as far from each other as they were recorded`() {
        #expect(waits(.realTime, [0, 2, 2, 2.5]).map(\.duration) == [.zero, .seconds(2), .zero, .milliseconds(500)])
    }

    @Test(arguments: [(10.0, Duration.milliseconds(200)), (0.5, .seconds(4))])
    func `a factor divides the gaps`(_ factor: Double, _ wait: Duration) {
        #expect(waits(.times(factor), [0, 2]).map(\.duration) == [.zero, wait])
    }

    @Test func `a long gap is shortened to the longest wait, and says so`() {
        let found = waits(.times(2), [0, 40_000, 40_010], longest: .seconds(60))
        #expect(found[1] == .init(duration: .seconds(60), shortenedFrom: .seconds(20_000)))
        #expect(found[2] == .init(duration: .seconds(5), shortenedFrom: nil))
    }

    @Test func `time that goes back is no wait, and is not waited for again`() {
        #expect(waits(.realTime, [100, 40, 90, 101]).map(\.duration) == [.zero, .zero, .zero, .seconds(1)])
    }

    @Test func `what handing over costs does not add up`() {
        var pace = ReplayPace(.realTime)
        _ = pace.wait(before: moment(0), at: .seconds(10))
        // Handing the first one over took 300 ms of the second that lies between them.
        #expect(pace.wait(before: moment(1), at: .milliseconds(10_300)).duration == .milliseconds(700))
        // The second one took longer than the gap: the third is late, the fourth on time.
        #expect(pace.wait(before: moment(2), at: .milliseconds(12_400)).duration == .zero)
        #expect(pace.wait(before: moment(3), at: .milliseconds(12_500)).duration == .milliseconds(500))
    }

    @Test func `whoever was paused for long catches up with no more than the longest wait`() {
        var pace = ReplayPace(.realTime, longestWait: .seconds(5))
        _ = pace.wait(before: moment(0), at: .zero)
        #expect(pace.wait(before: moment(1), at: .seconds(3_600)).duration == .zero)
        let late = (2...8).map { pace.wait(before: moment(Double($0)), at: .seconds(3_600)).duration }
        #expect(late == [.zero, .zero, .zero, .zero, .zero, .seconds(1), .seconds(2)])
    }
}
