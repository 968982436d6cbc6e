import EventModel
import EventSourcing
import EventSourcingTesting
import Synchronization
import Testing

@Suite struct `Time and waiting` {
    /// In which order sleepers woke.
    private final class Woken: Sendable {
        let order = Mutex<[Int]>([])
    }

    @Test func `waits double up to the cap, each between half and all of its length`() {
        let random = SeededRandom(seed: 1)
        for _ in 0..<50 {
            var backoff = Backoff(base: .milliseconds(100), cap: .seconds(1))
            for full in [100, 200, 400, 800, 1_000, 1_000] {
                let wait = backoff.next(random)
                #expect(wait >= .milliseconds(full) / 2 && wait <= .milliseconds(full))
            }
            backoff.reset()
            #expect(backoff.next(random) <= .milliseconds(100))
        }
    }

    @Test func `sleepers wake in the order of their deadlines, those of one deadline in the order of arrival`()
        async throws
    {
        let time = ManualTimekeeper()
        let woken = Woken()
        await withTaskGroup(of: Void.self) { group in
            for (count, seconds) in [3, 1, 2, 1].enumerated() {
                group.addTask {
                    try? await time.sleep(for: .seconds(seconds))
                    woken.order.withLock { $0.append(seconds) }
                }
                await time.waitForSleepers(count + 1)
            }
            for expected in [2, 3, 4] {
                time.advanceToNextSleeper()
                while woken.order.withLock({ $0.count }) < expected { await Task.yield() }
            }
        }
        #expect(woken.order.withLock { $0 } == [1, 1, 2, 3])
        #expect(time.steady() == .seconds(3))
        #expect(time.nextDeadline == nil && !time.advanceToNextSleeper())
    }

    @Test func `cancelling a sleeper wakes it with an error and moves no clock`() async {
        let time = ManualTimekeeper()
        let sleeper = Task { try await time.sleep(for: .seconds(5)) }
        await time.waitForSleepers(1)
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(time.sleeperCount == 0 && time.steady() == .zero)
    }

    @Test func `the same seed gives the same numbers, the next one others`() {
        let (first, second, third) = (SeededRandom(seed: 9), SeededRandom(seed: 9), SeededRandom(seed: 10))
        let numbers = (0..<100).map { _ in first.next() }
        #expect((0..<100).map { _ in second.next() } == numbers)
        #expect(!(0..<100).contains { _ in numbers.contains(third.next()) })
    }

    @Test func `the numbers of a seed never change, for tests name the seeds that once failed`() {
        var small = SplitMix64(seed: 0)
        #expect(
            (0..<3).map { _ in small.next() } == [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f])
        var large = SeededGenerator(seed: 1)
        #expect(
            (0..<3).map { _ in large.next() } == [0xb3f2_af6d_0fc7_10c5, 0x853b_5596_4736_4cea, 0x92f8_9756_082a_4514])
    }
}
