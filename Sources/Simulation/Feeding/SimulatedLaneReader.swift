import EventSourcing
import EventSourcingTesting
import Synchronization

/// A client that reads some partitions, each from a place of its own. A broker that is away is silence to it.
final class SimulatedLaneReader: LaneReader {
    /// The most records of one fetch from one partition.
    private static let fetch = 6
    /// How long the broker waits before it says that there is nothing.
    private static let pause = Duration.milliseconds(100)

    private let process: SimulatedProcess
    private let broker: SimulatedBroker
    private let cursors: Mutex<[Int: LaneCursor]>

    init(_ process: SimulatedProcess, _ broker: SimulatedBroker, _ starts: [Int: LaneStart]) {
        self.process = process
        self.broker = broker
        cursors = Mutex(Self.cursors(at: starts))
    }

    private static func cursors(at starts: [Int: LaneStart]) -> [Int: LaneCursor] {
        Dictionary(uniqueKeysWithValues: starts.map { ($0, LaneCursor($0, at: $1)) })
    }

    private var world: World { process.world }

    func next(limit: Int, atMost patience: Duration) async throws(LaneTopicError) -> [LaneNews] {
        process.mayDie()
        var left = patience
        while process.isAlive {
            fetch()
            guard await world.scheduler.sleep(for: world.latency(), of: process.id), process.isAlive else { break }
            let news = take(limit)
            guard news.isEmpty, left > .zero else { return news }
            guard await world.scheduler.sleep(for: min(left, Self.pause), of: process.id) else { break }
            left -= Self.pause
        }
        throw .unavailable(reason: "cancelled")
    }

    /// What the partitions hold at this moment; it takes its time to come.
    private func fetch() {
        guard !broker.isAway else { return }
        let partitions = broker.partitions
        for lane in cursors.withLock({ $0.keys.sorted() }) {
            let limit = world.roll { $0.below(Self.fetch + 1) }
            cursors.withLock { $0[lane]?.fetch(from: partitions[lane], limit: limit) }
        }
    }

    /// What has come, the lanes in any order.
    private func take(_ limit: Int) -> [LaneNews] {
        var lanes = cursors.withLock { $0.keys.sorted() }
        world.roll { lanes.shuffle(using: &$0) }
        return cursors.withLock { cursors in
            var news: [LaneNews] = []
            for lane in lanes { news += cursors[lane]?.take(limit - news.count) ?? [] }
            return news
        }
    }

    /// Some clients cannot seek while the broker is away.
    func rewind(_ starts: [Int: LaneStart]) async throws(LaneTopicError) {
        guard process.isAlive else { throw .unavailable(reason: "cancelled") }
        if broker.isAway, world.roll({ $0.chance(perMille: 500) }) { throw .unavailable(reason: "simulated") }
        cursors.withLock { $0.merge(Self.cursors(at: starts)) { $1 } }
    }

    func close() async {}
}
