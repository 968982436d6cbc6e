import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Synchronization

/// The cluster that holds the inbound topic and the one where refused messages are told.
final class SimulatedInbound: Sendable {
    static let name = InboundTopicName(cluster: "simulated", topic: "lockstep.inbound")
    static let partitions = 3

    struct Partition: Sendable {
        var letters: [PostedLetter] = []
        var nextOffset: Int64 = 0

        mutating func append(_ letter: Letter, at time: Timestamp) {
            letters.append(PostedLetter(letter: letter, offset: nextOffset, time: time))
            nextOffset += 1
        }

        /// What lies from an offset on.
        func letters(from offset: Int64) -> ArraySlice<PostedLetter> {
            letters[(letters.firstIndex { $0.offset >= offset } ?? letters.endIndex)...]
        }
    }

    private struct State {
        var partitions = Array(repeating: Partition(), count: SimulatedInbound.partitions)
        /// The refused messages that were told, by their ids.
        var told: Set<UUID> = []
        /// The letters that were handed to a consumer, by the id of their place. A place whose topic was cut may have held several.
        var deliveries: [UUID: [Letter]] = [:]
        var isAway = false
        /// Counts restarts: readings do not outlive one.
        var era = 0
        /// Postings that have not arrived.
        var pending = 0
        /// Letters that were lost, by partition, in their order: they are posted again in it.
        var lost = Array(repeating: [Letter](), count: SimulatedInbound.partitions)
    }

    let world: World
    private let state = Mutex(State())

    init(world: World) { self.world = world }

    var isAway: Bool { state.withLock { $0.isAway } }
    var era: Int { state.withLock { $0.era } }
    var partitions: [Partition] { state.withLock { $0.partitions } }
    var told: Set<UUID> { state.withLock { $0.told } }
    var deliveries: [UUID: [Letter]] { state.withLock { $0.deliveries } }
    /// Whether everything that was to be posted lies in the topic.
    var isComplete: Bool { state.withLock { $0.pending == 0 && $0.lost.allSatisfy(\.isEmpty) } }

    /// Posts letters of one sender, in order; while the cluster is away, later.
    func post(_ letters: [Letter], after delay: Duration) {
        state.withLock { $0.pending += 1 }
        world.scheduler.plan(after: delay) { self.arrive(letters) }
    }

    private func arrive(_ letters: [Letter]) {
        let time = SimulatedClock.beginning.advanced(by: .microseconds(world.time))
        let isPosted = state.withLock { state in
            guard !state.isAway else { return false }
            for letter in letters { state.partitions[Int(letter.partition)].append(letter, at: time) }
            state.pending -= 1
            return true
        }
        if !isPosted {
            world.scheduler.plan(after: world.roll { $0.duration(1_000...300_000) }) { self.arrive(letters) }
        }
    }

    func noteDelivery(of letter: Letter, at place: UUID) {
        state.withLock { state in
            guard state.deliveries[place]?.last?.number != letter.number else { return }
            state.deliveries[place, default: []].append(letter)
        }
    }

    /// Passes refused messages on; `false` while away.
    func tell(_ refused: [UUID]) -> Bool {
        if world.mutation == .refusalsUntold, world.roll({ $0.chance(perMille: 200) }) { return true }
        return state.withLock { state in
            guard !state.isAway else { return false }
            state.told.formUnion(refused)
            return true
        }
    }
}

// MARK: Trouble

extension SimulatedInbound {
    /// Restarts, perhaps without the newest messages of some partitions; their senders post them again.
    func restart(losing most: Int, awayFor duration: Duration) {
        world.count(most > 0 ? .truncation : .brokerRestart)
        let losses = world.roll { random in (0..<Self.partitions).map { _ in most > 0 ? random.below(most + 1) : 0 } }
        world.note("the inbound topic restarts without the last \(losses) messages")
        interrupt(for: duration) { index, partition in
            partition.letters.removeLast(min(losses[index], partition.letters.count))
            if losses[index] > 0 { partition.nextOffset = partition.letters.last.map { $0.offset + 1 } ?? 0 }
        }
    }

    /// Somebody deletes the topic and makes it again; the senders post everything once more.
    func recreate(awayFor duration: Duration) {
        world.count(.topicRecreated)
        world.note("the inbound topic is made anew")
        interrupt(for: duration) { $1 = Partition() }
    }

    private func interrupt(for duration: Duration, _ change: (Int, inout Partition) -> Void) {
        state.withLock { state in
            state.isAway = true
            state.era += 1
            for index in state.partitions.indices {
                let before = state.partitions[index].letters
                change(index, &state.partitions[index])
                let lost = before.dropFirst(state.partitions[index].letters.count).map(\.letter)
                state.lost[index].insert(contentsOf: lost, at: 0)
            }
        }
        world.scheduler.plan(after: duration) { self.recover() }
        for index in 0..<Self.partitions { postAgain(index, after: duration) }
    }

    private func postAgain(_ index: Int, after delay: Duration) {
        world.scheduler.plan(after: delay + world.roll { $0.duration(1_000...2_000_000) }) {
            let time = SimulatedClock.beginning.advanced(by: .microseconds(self.world.time))
            let isPosted = self.state.withLock { state in
                guard !state.isAway else { return state.lost[index].isEmpty }
                for letter in state.lost[index] { state.partitions[index].append(letter, at: time) }
                state.lost[index] = []
                return true
            }
            if !isPosted { self.postAgain(index, after: .zero) }
        }
    }

    func recover() { state.withLock { $0.isAway = false } }
}
