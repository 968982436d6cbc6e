import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials

/// A process with several clients that append through one group commit.
///
/// `Log` is what they append to: the connection, or something before it.
struct Writer<Log: EventStore>: Sendable {
    private static var clients: Int { 4 }

    let process: SimulatedProcess
    let connection: SimulatedConnection
    let log: Log
    let ledger: Ledger
    /// Makes an event: of which append, and which of its events.
    let draft: @Sendable (_ number: Int, _ event: Int, inout SeededGenerator) -> EventDraft

    func run() async {
        await connection.whileCommitting {
            await withTaskGroup(of: Void.self) { clients in
                for _ in 0..<Self.clients { clients.addTask { await work() } }
            }
        }
    }

    private func work() async {
        var backoff = Backoff(base: .milliseconds(20), cap: .seconds(1))
        while process.isAlive {
            let pause = process.world.roll { $0.duration(0...300_000) }
            guard await process.world.scheduler.sleep(for: pause, of: process.id) else { return }
            let versions = await guessVersions()
            guard let intent = ledger.take({ makeRequest($0, versions) }) else {
                guard await somethingIsLeft() else { return }
                continue
            }
            await fulfil(intent, &backoff)
        }
    }

    /// Who tries the last appends may die over them, and leave them to those who had nothing to do any more.
    private func somethingIsLeft() async -> Bool {
        while !ledger.isSettled {
            if ledger.hasOrphans { return true }
            guard await process.world.scheduler.sleep(for: .milliseconds(100), of: process.id), process.isAlive else {
                return false
            }
        }
        return false
    }

    /// Tries until there is an answer.
    private func fulfil(_ intent: Intent, _ backoff: inout Backoff) async {
        while true {
            do throws(StoreError) {
                let outcome = try await log.append(intent.request)
                backoff.reset()
                return ledger.settle(intent.number, outcome.receipt.map { .stored($0) } ?? .conflict)
            } catch .refused(let flaw) {
                return ledger.settle(intent.number, .refused(flaw))
            } catch {
                if case .unknownOutcome = error { ledger.markUnknown(intent.number) }
                guard error.isTransient else { return ledger.abandon(intent.number) }
            }
            let pause = backoff.next(process.random)
            guard await process.world.scheduler.sleep(for: pause, of: process.id), process.isAlive else {
                return ledger.abandon(intent.number)
            }
        }
    }

    /// What a client that read a moment ago believes.
    private func guessVersions() async -> [StreamName: StreamVersion] {
        let stream = WriterStreams.all[process.world.roll { $0.below(WriterStreams.all.count) }]
        guard let page = try? await connection.read(StreamQuery(stream, .backwards, limit: 1)),
            let last = page.events.first
        else { return [:] }
        return [stream: last.version]
    }

    private func makeRequest(_ number: Int, _ versions: [StreamName: StreamVersion]) -> AppendRequest {
        process.world.roll { random in
            var chosen: [StreamName] = []
            if let known = versions.keys.first { chosen.append(known) }
            let count = random.chance(perMille: 250) ? 2 : 1
            while chosen.count < count {
                let stream = WriterStreams.all[random.below(WriterStreams.all.count)]
                if !chosen.contains(stream) { chosen.append(stream) }
            }
            var event = 0
            let parts = chosen.map { stream in
                let drafts = (0...random.below(3)).map { _ in
                    event += 1
                    return draft(number, event, &random)
                }
                return StreamAppend(drafts, to: stream, expecting: expectation(versions[stream], &random))
            }
            return AppendRequest(streams: parts)
        }
    }

    private func expectation(_ known: StreamVersion?, _ random: inout SeededGenerator) -> ExpectedVersion {
        switch random.below(10) {
        case 0: .noStream
        case 1: .streamExists
        case 2, 3, 4: .any
        default: known.map { .exactly($0) } ?? (random.chance(perMille: 500) ? .noStream : .any)
        }
    }
}

/// The streams that writers append to.
enum WriterStreams {
    static let all: [StreamName] = [
        "order-a", "order-b", "order-c", "payment-a", "payment-b", "payment-d", "order-e", "payment-f",
    ]
}

extension EventDraft {
    /// An event of an append that somebody wants.
    static func wanted(
        _ number: Int, _ event: Int, data: String, type: String = "simulated.happened"
    ) -> EventDraft {
        .draft(
            type, id: SequentialIDs.id(UInt64(number * 16 + event), space: 1), data: data, at: SimulatedClock.beginning)
    }
}

extension Writer where Log == SimulatedConnection {
    /// Processes that write events which say of which append they are.
    static func parts(_ count: Int, into database: SimulatedDatabase, _ ledger: Ledger) -> [Part] {
        (1...count).map { number in
            (
                "writer-\(number)",
                { process in
                    let connection = SimulatedConnection(process, database)
                    let writer = Writer(process: process, connection: connection, log: connection, ledger: ledger) {
                        (number, event, _) in
                        .wanted(number, event, data: #"{"intent":\#(number),"event":\#(event)}"#)
                    }
                    await writer.run()
                }
            )
        }
    }
}
