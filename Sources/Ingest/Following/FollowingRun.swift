import EventModel
import EventSourcing
import Logging
import ServiceLifecycle

/// Performs what a ``FollowingMachine`` asks for, under a lease, until a shutdown or somebody else ends it.
struct FollowingRun<Server: ConversationServer, Ledger: InboundLedger & ConversationCheckpoints>: Sendable {
    enum End: Sendable, Hashable {
        /// A shutdown was asked for; what was in hand is done.
        case finished
        /// Somebody else leads.
        case superseded
    }

    private let ports: FollowingPorts<Server, Ledger>
    private let lease: Lease

    init(_ ports: FollowingPorts<Server, Ledger>, lease: Lease) {
        self.ports = ports
        self.lease = lease
    }

    /// - Throws: ``StoreError`` that waiting does not help, ``ConversationServerError/refused(reason:)`` when there is no survey to be had.
    func perform() async throws -> End {
        var machine = FollowingMachine(limits: ports.limits, random: ports.random)
        var action = machine.first
        while !Task.isShuttingDownGracefully {
            if action == .stop { return .superseded }
            let input = try await perform(action)
            action = machine.receive(input, at: ports.time.steady(), ports.time.now())
            announce(machine.takeNotices())
            ports.record.note(followed: machine.followed, standing: machine.standing)
        }
        return .finished
    }

    private func perform(_ action: FollowingMachine.Action) async throws -> FollowingMachine.Input {
        do throws(StoreError) {
            switch action {
            case .recall: return try await recall()
            case .settle(let reports): return try await settle(reports)
            case .advance(let moves): return try await advance(moves)
            case .survey, .look, .pause, .stop: break
            }
        } catch {
            guard error.isTransient else { throw error }
            ports.logger.info("following waits for the log", metadata: ["reason": "\(error)"])
            return .logAway
        }
        switch action {
        case .survey: return try await survey()
        case .look(let calls): return await look(calls)
        case .pause(let duration):
            try await interruptibly { try await ports.time.sleep(for: duration) }
            return .waited
        case .recall, .settle, .advance, .stop: return .superseded
        }
    }

    /// Runs what a shutdown may break off. What it left undone is seen by the loop, which ends.
    private func interruptibly(_ body: @escaping @Sendable () async throws -> Void) async throws {
        do { try await cancelWhenGracefulShutdown(body) } catch is CancellationError
            where Task.isShuttingDownGracefully
        {}
    }

    private func announce(_ notices: [FollowingNotice]) {
        for notice in notices {
            if notice.isTrouble { ports.logger.warning("\(notice)") } else { ports.logger.notice("\(notice)") }
        }
    }
}

// MARK: The server

extension FollowingRun {
    private func survey() async throws -> FollowingMachine.Input {
        let begun = ports.time.steady()
        let server = ports.server
        do {
            let survey = try await cancelWhenGracefulShutdown { try await server.survey() }
            return .surveyed(survey, took: ports.time.steady() - begun)
        } catch ConversationServerError.unavailable(let reason) {
            return .serverAway(reason: reason)
        } catch  where Task.isShuttingDownGracefully {
            return .serverAway(reason: "shutting down")
        } catch ConversationServerError.cancelled {
            throw CancellationError()
        }
    }

    private func look(_ calls: [FollowingMachine.Call]) async -> FollowingMachine.Input {
        let server = ports.server
        let answers = await cancelWhenGracefulShutdown {
            await withTaskGroup(of: (String, FollowingMachine.LookAnswer).self) { group in
                for call in calls {
                    group.addTask { (call.conversation, await Self.look(call, at: server)) }
                }
                return await group.reduce(into: [String: FollowingMachine.LookAnswer]()) { $0[$1.0] = $1.1 }
            }
        }
        return .looked(answers)
    }

    private static func look(
        _ call: FollowingMachine.Call, at server: Server
    ) async -> FollowingMachine.LookAnswer {
        do throws(ConversationServerError) {
            return try await server.look(at: call.conversation, from: call.from).map { .seen($0) } ?? .gone
        } catch {
            return switch error {
            case .unavailable(let reason): .away(reason: reason)
            case .refused(let reason): .refused(reason: reason)
            case .cancelled: .away(reason: "cancelled")
            }
        }
    }
}

// MARK: The log

extension FollowingRun {
    private func recall() async throws(StoreError) -> FollowingMachine.Input {
        var bookmarks = try await ports.ledger.bookmarks(ofServer: ports.name)
        let life = bookmarks.removeValue(forKey: ConversationBookmark.lifeKey)
        return .recalled(bookmarks, life: life)
    }

    private func settle(_ reports: [ConversationReport]) async throws(StoreError) -> FollowingMachine.Input {
        let now = ports.time.now()
        let messages = reports.map { report in
            let payload = report.payload.compactBytes()
            return InboundMessage(
                key: InboundKey(content: payload), payload: payload, receivedAt: now, keepsTime: false,
                actor: ports.name, origin: "\(ports.name) \(report.conversation)")
        }
        try await ports.desk.prepare()
        let settlement = try await ports.desk.settle(ports.desk.read(messages))
        ports.record.add(settlement.verdicts)
        return .settled(zip(reports, settlement.verdicts).map { ($0, $1.rejection) })
    }

    private func advance(_ moves: [ConversationMove]) async throws(StoreError) -> FollowingMachine.Input {
        let answer = try await ports.ledger.advance(moves, of: ports.name, under: lease)
        guard answer == .advanced else {
            ports.logger.info("somebody else follows", metadata: ["answer": "\(answer)"])
            return .superseded
        }
        return .advanced
    }
}
