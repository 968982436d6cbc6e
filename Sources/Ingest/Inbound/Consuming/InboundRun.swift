import EventModel
import EventSourcing
import Logging
import ServiceLifecycle

/// One reading of some partitions, from their bookmarks to the first thing that goes wrong.
struct InboundRun<Topic: InboundTopic, Ledger: InboundLedger & InboundCheckpoints>: Sendable {
    typealias End = InboundEnd
    private typealias Batch = InboundBatch<Topic.Session.Delivery, Ledger>

    private let ports: InboundPorts<Topic, Ledger>
    private let name: InboundTopicName
    private let leases: [Int32: Lease]
    private let isCurrent: @Sendable () -> Bool

    /// - Parameter isCurrent: whether these are still the leases of this process.
    init(
        _ ports: InboundPorts<Topic, Ledger>, of name: InboundTopicName, under leases: [Int32: Lease],
        while isCurrent: @escaping @Sendable () -> Bool
    ) {
        self.ports = ports
        self.name = name
        self.leases = leases
        self.isCurrent = isCurrent
    }

    func perform() async throws -> End {
        let bookmarks = try await ports.ledger.bookmarks(of: name)
        let session = try await ports.topic.open(name, partitions: leases.keys.sorted(), at: bookmarks)
        do {
            let end = try await takeIn(from: session, bookmarks)
            await session.close()
            return end
        } catch is ShutdownWhileWaiting {
            await session.close()
            return .finished
        } catch {
            await session.close()
            throw error
        }
    }

    private func takeIn(from session: Topic.Session, _ bookmarks: [Int32: InboundBookmark]) async throws -> End {
        var bookmarks = bookmarks
        var batch = try await pull(from: session)
        while !Task.isShuttingDownGracefully {
            try Task.checkCancellation()
            guard isCurrent() else { return .reassigned }
            announce(batch.delivery.notices)
            guard !batch.delivery.messages.isEmpty else {
                batch = try await pull(from: session)
                continue
            }
            // While these are settled, the next ones are fetched and read.
            async let following = pull(from: session)
            var outcome = try await settle(batch, with: session)
            var answer = try await advance(batch, outcome, from: bookmarks)
            // Each time at least one name more is known, so this ends.
            while answer == .contradicted {
                outcome = try await settle(batch, with: session).following(outcome)
                answer = try await advance(batch, outcome, from: bookmarks)
            }
            if let partition = answer.lost { return .lost(partition) }
            bookmarks.merge(batch.delivery.bookmarks) { $1 }
            ports.tally.add(outcome.verdicts)
            if Task.isShuttingDownGracefully { break }
            batch = try await following
        }
        return .finished
    }

    private func pull(from session: Topic.Session) async throws -> Batch {
        let delivery = try await session.next()
        return try await Batch(delivery, for: ports.workspaces, at: ports.desks) { desk in
            try await withoutHaste { try await desk.prepare() }
        }
    }

    /// Appends, keeps what is refused, and tells of it. The log or the broker may be away for a while: then the same messages are settled again.
    private func settle(_ batch: Batch, with session: Topic.Session) async throws -> InboundOutcome {
        try await withoutHaste {
            var outcome = InboundOutcome(batch)
            for part in batch.parts {
                let settlement = try await part.desk.settle(part.reading)
                outcome.add(settlement, of: part.indices, in: part.desk.workspace)
            }
            outcome.rejected = try await seal(outcome.verdicts, of: batch)
            if !outcome.rejected.isEmpty { try await session.tell(outcome.rejected) }
            return outcome
        }
    }

    private func seal(_ verdicts: [InboundVerdict], of batch: Batch) async throws -> [RejectedMessage] {
        var sealed: [RejectedMessage] = []
        for (index, verdict) in verdicts.enumerated() {
            guard let rejection = verdict.rejection else { continue }
            let (record, place) = (batch.delivery.record(at: index), batch.delivery.place(of: index))
            let workspace = batch.owner(of: index)
            sealed.append(
                RejectedMessage(
                    rejection, workspace: workspace, place: place, bytes: record.value?.count ?? 0,
                    sealed: try await ports.sealing.seal(record, at: place, in: workspace)))
        }
        return sealed
    }

    private func advance(
        _ batch: Batch, _ outcome: InboundOutcome, from bookmarks: [Int32: InboundBookmark]
    ) async throws -> InboundAdvance {
        let counts = outcome.counts(batch.delivery)
        var moves: [InboundMove] = []
        for (partition, bookmark) in batch.delivery.bookmarks.sorted(by: { $0.key < $1.key }) {
            guard let lease = leases[partition] else { return .fenced(partition: partition) }
            moves.append(
                InboundMove(
                    partition: partition, from: bookmarks[partition], to: bookmark,
                    counts: counts[partition] ?? InboundCounts(), under: lease))
        }
        return try await ports.ledger.advance(
            InboundStep(moves, remembering: outcome.entries, keeping: outcome.rejected), of: name)
    }

    private func announce(_ notices: [InboundNotice]) {
        for notice in notices { ports.logger.notice("\(notice)") }
    }

    /// A shutdown was asked for while the log or the broker was away.
    private struct ShutdownWhileWaiting: Error {}

    /// Does something again and again until the log and the broker are there.
    ///
    /// - Throws: ``ShutdownWhileWaiting``, and what waiting does not help; also when the broker fails again and again, because the session may
    ///   be what is broken.
    private func withoutHaste<R>(_ body: () async throws -> R) async throws -> R {
        var backoff = ports.backoff
        var failures = 0
        while true {
            let trouble: any Error
            do {
                return try await body()
            } catch let error as StoreError where error.isTransient {
                trouble = error
            } catch let error as InboundTopicError where error.isTransient {
                failures += 1
                guard failures < InboundLimits.tellAttempts else { throw error }
                trouble = error
            }
            if Task.isShuttingDownGracefully { throw ShutdownWhileWaiting() }
            ports.logger.info("messages wait", metadata: ["reason": "\(trouble)"])
            try await ports.time.sleep(for: backoff.next(ports.random))
        }
    }
}
