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

    func open(
        _ name: InboundTopicName, at bookmarks: [Int32: InboundBookmark]
    ) async throws(InboundTopicError) -> SimulatedInboundSession {
        try await process.reach(cluster)
        let ids = IDSource(time: process.clock, random: process.random)
        let resumptions = (0..<Int32(SimulatedInbound.partitions)).map { partition in
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
    var letters: [PostedLetter] = []
}

/// A reading of the topic. It ends with the first restart of the cluster, as one does whose connections break.
final class SimulatedInboundSession: InboundSession {
    /// The most messages of one pull.
    private static let pull = 8

    private struct State {
        var resumptions: [PartitionResumption]
        /// The next offset to fetch, by partition.
        var places: [Int64]
    }

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
        let (order, limit) = world.roll { random in
            (
                (0..<SimulatedInbound.partitions).map { ($0, random.next()) }.sorted { $0.1 < $1.1 }.map(\.0),
                1 + random.below(Self.pull)
            )
        }
        let partitions = topic.cluster.partitions
        var delivery = state.withLock { state in
            var delivery = SimulatedInboundDelivery()
            for index in order { Self.take(from: partitions[index], index, upTo: limit, &state, &delivery) }
            return delivery
        }
        topic.cluster.noteDelivery(of: delivery.letters)
        commitIfMutated(&delivery)
        if delivery.messages.isEmpty {
            _ = await world.scheduler.sleep(for: .milliseconds(150), of: topic.process.id)
        }
        return delivery
    }

    private static func take(
        from partition: SimulatedInbound.Partition, _ index: Int, upTo limit: Int, _ state: inout State,
        _ delivery: inout SimulatedInboundDelivery
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
                delivery.messages.append(InboundMessage(posted, state.resumptions[index].bookmark.generation))
                delivery.letters.append(posted)
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
            delivery.bookmarks[Int32(index)] = state.resumptions[index].bookmark
        }
        delivery.notices += state.resumptions[index].takeNotices()
    }

    /// Broken on purpose: what is fetched counts as taken in, as with a consumer that commits by the clock.
    private func commitIfMutated(_ delivery: inout SimulatedInboundDelivery) {
        guard world.mutation == .offsetsCommittedWhenFetched, !delivery.messages.isEmpty else { return }
        let bookmarks = delivery.bookmarks
        topic.database.withState { state in
            let there = state.inbound.bookmarks(of: SimulatedInbound.name)
            let moves = bookmarks.map { InboundMove(partition: $0.key, from: there[$0.key], to: $0.value) }
            _ = state.inbound.advance(moves, of: SimulatedInbound.name)
        }
    }

    func keep(
        _ rejections: [Int: InboundRejection], of delivery: SimulatedInboundDelivery
    ) async throws(InboundTopicError) {
        try await reach()
        let kept = rejections.sorted { $0.key < $1.key }.map { index, rejection in
            SimulatedInbound.Kept(letter: delivery.letters[index].letter.number, rejection: rejection)
        }
        guard topic.cluster.keep(kept) else { throw .unavailable(reason: "simulated outage") }
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

extension InboundMessage {
    /// A letter as it is handed over.
    fileprivate init(_ posted: PostedLetter, _ generation: UUID) {
        let name = SimulatedInbound.name
        let partition = posted.letter.partition
        self.init(
            key: posted.letter.name.map { InboundKey(source: "simulated", id: $0) }
                ?? InboundKey(
                    cluster: name.cluster, topic: name.topic, generation: generation, partition: partition,
                    offset: posted.offset),
            payload: posted.letter.payload, receivedAt: posted.time, keepsTime: true, actor: "simulated",
            origin: "\(name.topic)[\(partition)]@\(posted.offset)")
    }
}
