import EventModel
import EventSourcing
import Synchronization
import Testing

@testable import KafkaPublishing

@Suite struct `Leading a topic` {
    @Test func `what an earlier run sent to the store is refused, however late it arrives`() async throws {
        let log = SmallLog(events: 3)
        let leases = Mutex<[Lease]>([])
        let leadership = Leadership(
            keeper: LeaseKeeper(store: log, holder: "one", time: SystemTimekeeper()), lease: "publisher:topic",
            backoff: Backoff(base: .milliseconds(1), cap: .milliseconds(1)), time: SystemTimekeeper(),
            random: SystemRandomSource(), logger: Broker.quiet, reached: { .start }, announce: { _, _, _ in }
        ) { lease in
            let number = leases.withLock { leases in
                leases.append(lease)
                return leases.count
            }
            guard number == 1 else { return .finished(undelivered: 0) }
            throw StoreError.unknownOutcome(reason: "the answer to a save was lost")
        }
        try await leadership.run()
        let (first, second) = try leases.withLock { try (#require($0.first), #require($0.last)) }
        let unanswered = PublishingCheckpoint(
            progress: ConsumerProgress(of: .publisher(of: "topic"), incarnation: log.incarnation), topic: "topic",
            ends: [:])
        #expect(
            try await log.advance(unanswered, from: .start, under: first) == .fenced(current: second.token))
    }
}
