import EventModel
import EventSourcing
import Logging
import ServiceLifecycle

/// One reading of the topic, from the bookmarks to the first thing that goes wrong.
struct InboundRun<Topic: InboundTopic, Ledger: InboundLedger>: Sendable {
    enum End: Sendable, Hashable {
        /// A shutdown was asked for; what was in hand is done.
        case finished
        /// Somebody else leads.
        case superseded
    }

    private typealias Delivery = Topic.Session.Delivery

    /// Messages that have been pulled and read.
    private struct Pulled: Sendable {
        let delivery: Delivery
        let reading: InboundReading
    }

    private let ports: InboundPorts<Topic, Ledger>
    private let lease: Lease

    init(_ ports: InboundPorts<Topic, Ledger>, lease: Lease) {
        self.ports = ports
        self.lease = lease
    }

    func perform() async throws -> End {
        let name = try await ports.topic.prepare()
        let bookmarks = try await ports.ledger.bookmarks(of: name)
        let session = try await ports.topic.open(name, at: bookmarks)
        do {
            let end = try await takeIn(from: session, of: name, bookmarks)
            await session.close()
            return end
        } catch {
            await session.close()
            throw error
        }
    }

    private func takeIn(
        from session: Topic.Session, of name: InboundTopicName, _ bookmarks: [Int32: InboundBookmark]
    ) async throws -> End {
        var bookmarks = bookmarks
        var pulled = try await pull(from: session)
        while !Task.isShuttingDownGracefully {
            announce(pulled.delivery.notices)
            guard !pulled.delivery.messages.isEmpty else {
                pulled = try await pull(from: session)
                continue
            }
            // While these are settled, the next ones are fetched and read.
            async let following = pull(from: session)
            guard let settlement = try await settle(pulled, with: session) else { return .finished }
            let answer = try await advance(pulled, settlement, from: bookmarks, of: name)
            guard answer == .advanced else {
                ports.logger.info("somebody else takes messages in", metadata: ["answer": "\(answer)"])
                return .superseded
            }
            bookmarks.merge(pulled.delivery.bookmarks) { $1 }
            ports.record.add(settlement.verdicts)
            if Task.isShuttingDownGracefully { break }
            pulled = try await following
        }
        return .finished
    }

    private func pull(from session: Topic.Session) async throws -> Pulled {
        let delivery = try await session.next()
        try await prepare()
        return Pulled(delivery: delivery, reading: ports.desk.read(delivery.messages))
    }

    /// Asks the log what reading needs to know, until it answers.
    private func prepare() async throws {
        var backoff = ports.backoff
        while true {
            do throws(StoreError) {
                return try await ports.desk.prepare()
            } catch {
                guard error.isTransient, !Task.isShuttingDownGracefully else { throw error }
                ports.logger.info("messages wait", metadata: ["reason": "\(error)"])
            }
            try await ports.time.sleep(for: backoff.next(ports.random))
        }
    }

    /// Appends, and keeps what is refused. The log or the broker may be away for a while: then the same messages are settled again.
    ///
    /// - Returns: `nil` when a shutdown was asked for meanwhile.
    /// - Throws: also when the broker fails again and again, because the session may be what is broken.
    private func settle(_ pulled: Pulled, with session: Topic.Session) async throws -> InboundSettlement? {
        var backoff = ports.backoff
        var refusals = 0
        while true {
            let trouble: any Error
            do {
                let settlement = try await ports.desk.settle(pulled.reading)
                let rejections = Self.rejections(in: settlement)
                if !rejections.isEmpty { try await session.keep(rejections, of: pulled.delivery) }
                return settlement
            } catch let error as StoreError where error.isTransient {
                trouble = error
            } catch let error as InboundTopicError where error.isTransient {
                refusals += 1
                guard refusals < InboundLimits.keepAttempts else { throw error }
                trouble = error
            }
            if Task.isShuttingDownGracefully { return nil }
            ports.logger.info("messages wait", metadata: ["reason": "\(trouble)"])
            try await ports.time.sleep(for: backoff.next(ports.random))
        }
    }

    private static func rejections(in settlement: InboundSettlement) -> [Int: InboundRejection] {
        var rejections: [Int: InboundRejection] = [:]
        for (index, verdict) in settlement.verdicts.enumerated() { rejections[index] = verdict.rejection }
        return rejections
    }

    private func advance(
        _ pulled: Pulled, _ settlement: InboundSettlement, from bookmarks: [Int32: InboundBookmark],
        of name: InboundTopicName
    ) async throws -> InboundAdvance {
        let moves = pulled.delivery.bookmarks.sorted { $0.key < $1.key }.map {
            InboundMove(partition: $0.key, from: bookmarks[$0.key], to: $0.value)
        }
        return try await ports.ledger.advance(
            moves, of: name, remembering: settlement.entries, in: ports.desk.workspace, under: lease)
    }

    private func announce(_ notices: [InboundNotice]) {
        for notice in notices { ports.logger.notice("\(notice)") }
    }
}
