import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Synchronization

/// One process's way to the inbound topic.
struct SimulatedInboundTopic: InboundTopic {
    let process: SimulatedProcess
    let cluster: SimulatedInbound
    let database: SimulatedDatabase

    func prepare() async throws(InboundTopicError) -> InboundTopicName {
        try await process.reach(cluster)
        return SimulatedInbound.name
    }

    func partitions() async throws(InboundTopicError) -> [Int32] {
        try await process.reach(cluster)
        return (0..<SimulatedInbound.partitions).map { Int32($0) }
    }

    func ends(of partitions: [Int32]) async throws(InboundTopicError) -> [Int32: InboundEnds] {
        try await process.reach(cluster)
        let all = cluster.partitions
        return partitions.reduce(into: [:]) { $0[$1] = InboundEnds(first: 0, next: all[Int($1)].nextOffset) }
    }

    func open(
        _ name: InboundTopicName, partitions: [Int32], at bookmarks: [Int32: InboundBookmark]
    ) async throws(InboundTopicError) -> SimulatedInboundSession {
        try await process.reach(cluster)
        let ids = IDSource(time: process.clock, random: process.random)
        let resumptions = partitions.map { partition in
            PartitionResumption(partition, from: bookmarks[partition], newGeneration: ids.next())
        }
        return SimulatedInboundSession(self, resumptions)
    }
}

/// Messages of one pull, and the letters that they were made of.
struct SimulatedInboundDelivery: InboundDelivery {
    var messages: [InboundMessage] = []
    var bookmarks: [Int32: InboundBookmark] = [:]
    var notices: [InboundNotice] = []
    private(set) var letters: [(posted: PostedLetter, place: InboundPlace)] = []

    func place(of index: Int) -> InboundPlace { letters[index].place }
    func record(at index: Int) -> InboundRecord { letters[index].posted.record }

    mutating func append(_ posted: PostedLetter, _ generation: UUID, readAt now: Timestamp) {
        let place = InboundPlace(
            topic: SimulatedInbound.name, generation: generation, partition: posted.letter.partition,
            offset: posted.offset)
        messages.append(InboundMessage(posted.record, at: place, receivedAt: now))
        letters.append((posted, place))
    }
}

/// A reading of some partitions. It ends with the first restart of the cluster, as one does whose connections break.
final class SimulatedInboundSession: InboundSession {
    /// The most messages of one pull.
    private static let pull = 8

    private struct State {
        var resumptions: [PartitionResumption]
        /// The next offset to fetch of each.
        var places: [Int64]
    }

    typealias Delivery = SimulatedInboundDelivery

    private let topic: SimulatedInboundTopic
    private let era: Int
    private let state: Mutex<State>

    init(_ topic: SimulatedInboundTopic, _ resumptions: [PartitionResumption]) {
        self.topic = topic
        era = topic.cluster.era
        state = Mutex(State(resumptions: resumptions, places: resumptions.map { $0.start ?? 0 }))
    }

    private var world: World { topic.process.world }

    private func reach() async throws(InboundTopicError) {
        try await topic.process.reach(topic.cluster)
        guard topic.cluster.era == era else { throw .unavailable(reason: "the connection broke") }
    }

    func next() async throws(InboundTopicError) -> SimulatedInboundDelivery {
        try await reach()
        let count = state.withLock { $0.resumptions.count }
        let (order, limit) = world.roll { random in
            (
                (0..<count).map { ($0, random.next()) }.sorted { $0.1 < $1.1 }.map(\.0),
                1 + random.below(Self.pull)
            )
        }
        let (partitions, now) = (topic.cluster.partitions, topic.process.clock.now())
        let delivery = state.withLock { state in
            var delivery = Delivery()
            for index in order {
                let partition = partitions[Int(state.resumptions[index].partition)]
                Self.take(from: partition, index, upTo: limit, &state, &delivery, at: now)
            }
            return delivery
        }
        for (posted, place) in delivery.letters { topic.cluster.noteDelivery(of: posted.letter, at: place.key.id) }
        commitIfMutated(delivery)
        if delivery.messages.isEmpty {
            _ = await world.scheduler.sleep(for: .milliseconds(150), of: topic.process.id)
        }
        return delivery
    }

    private static func take(
        from partition: SimulatedInbound.Partition, _ index: Int, upTo limit: Int, _ state: inout State,
        _ delivery: inout Delivery, at now: Timestamp
    ) {
        var step: PartitionResumption.Step = .wait
        var last: PostedLetter?
        if state.places[index] > partition.nextOffset {
            step = state.resumptions[index].meetNothing()
        } else {
            for posted in partition.letters(from: state.places[index]) {
                guard delivery.messages.count < limit else { break }
                step = state.resumptions[index].meet(posted.offset) { posted.fingerprint }
                if step == .rewind { break }
                state.places[index] = posted.offset + 1
                guard step == .take else { continue }
                delivery.append(posted, state.resumptions[index].bookmark.generation, readAt: now)
                last = posted
            }
            if step != .rewind, state.places[index] >= partition.nextOffset {
                step = state.resumptions[index].meetEnd(partition.nextOffset)
            }
        }
        if step == .rewind {
            state.places[index] = 0
        } else if let last {
            state.resumptions[index].remember(last.fingerprint)
            delivery.bookmarks[state.resumptions[index].partition] = state.resumptions[index].bookmark
        }
        delivery.notices += state.resumptions[index].takeNotices()
    }

    /// Broken on purpose: what is fetched counts as taken in, as with a consumer that commits by the clock.
    private func commitIfMutated(_ delivery: Delivery) {
        guard world.mutation == .offsetsCommittedWhenFetched, !delivery.messages.isEmpty else { return }
        let bookmarks = delivery.bookmarks
        topic.database.withState { state in
            let there = state.inbound.bookmarks(of: SimulatedInbound.name)
            let nobody = Lease(name: "", holder: "", token: 0)
            let moves = bookmarks.map {
                InboundMove(partition: $0.key, from: there[$0.key], to: $0.value, under: nobody)
            }
            _ = state.inbound.advance(InboundStep(moves), of: SimulatedInbound.name)
        }
    }

    func tell(_ rejected: [RejectedMessage]) async throws(InboundTopicError) {
        try await reach()
        guard topic.cluster.tell(rejected.map(\.id)) else { throw .unavailable(reason: "simulated outage") }
        if world.strikes(.acknowledgementLost, perMille: world.rates.acknowledgementLost) {
            throw .unavailable(reason: "the acknowledgement was lost")
        }
        guard topic.process.isAlive else { throw .unavailable(reason: "cancelled") }
    }

    func close() async {}
}

extension SimulatedProcess {
    /// One round trip to a cluster. Who dies on the way may still be heard.
    fileprivate func reach(_ cluster: SimulatedInbound) async throws(InboundTopicError) {
        guard isAlive else { throw .unavailable(reason: "cancelled") }
        let isHeard = world.scheduler
        mayDie()
        _ = await isHeard.sleep(for: world.latency(), of: id)
        guard isAlive || world.roll({ $0.chance(perMille: 500) }) else { throw .unavailable(reason: "cancelled") }
        if cluster.isAway || world.strikes(.brokerRefused, perMille: world.rates.brokerRefused) {
            throw .unavailable(reason: "simulated")
        }
    }
}
