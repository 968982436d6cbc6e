import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Testing

/// Bookings whose reference begins with `copy:` are booked in another ledger as well.
@Suite("What commands cause elsewhere") struct CommandConsequenceTests {
    private typealias Handler = CommandHandler<Ledger, TroubledLog>

    private func handler(_ log: TroubledLog, limits: CommandLimits = CommandLimits(decisions: 40)) -> Handler {
        Handler(
            log, limits: limits,
            consequences: { command, events, _ in
                events.enumerated().compactMap { index, event in
                    guard case .booked(let reference, _) = event, reference.hasPrefix("copy:") else { return nil }
                    let copy = StreamName(trusting: "ledger-copy\(command.stream.rawValue.utf8.count)")
                    return CommandConsequence(.book(reference), in: copy, cause: index)
                }
            }, time: HastyTimekeeper(), random: SeededRandom(seed: 1))
    }

    private func booking(_ reference: String, to stream: StreamName) -> AppendRequest {
        AppendRequest(
            [.draft("ledger.booked", data: #"{"filling":"","reference":"\#(reference)"}"#)], to: stream, expecting: .any
        )
    }

    private func references(in stream: StreamName, of log: TroubledLog) async throws -> [String] {
        try await log.base.read(StreamQuery(stream)).events.compactMap { event in
            guard case .booked(let reference, _) = try LedgerEvent(event) else { return nil }
            return reference
        }
    }

    @Test func `a consequence is appended with its cause, and says which it is`() async throws {
        let log = TroubledLog()
        let answers = await handler(log).handle([
            StreamCommand(.book("a"), id: 1), StreamCommand(.book("copy:b"), id: 2),
            StreamCommand(.book("copy:c"), id: 3),
        ])
        #expect(answers.map(\.success?.effect) == [.appended, .appended, .appended])
        #expect(answers.map(\.success?.consequences) == [0, 1, 1])
        #expect(log.asked.count == 2 && log.asked[1].streams.map(\.events.count) == [2, 2])
        let copies = try await log.base.read(StreamQuery("ledger-copy8")).events
        let causes = try await log.base.read(StreamQuery("ledger-1")).events.dropFirst()
        #expect(copies.map(\.causationID) == causes.map(\.id))
    }

    @Test func `a repetition causes nothing`() async throws {
        let log = TroubledLog()
        let command = StreamCommand<Ledger>(.book("copy:a"), id: 1)
        _ = await handler(log).handle([command])
        #expect(await handler(log).handle([command, command]).allSatisfy { $0.success?.effect == .unchanged })
        #expect(log.base.log.head == GlobalPosition(2))
    }

    @Test func `when a consequence is refused, so is its cause`() async throws {
        let log = TroubledLog()
        _ = try await log.base.append(
            AppendRequest([.draft("ledger.closed")], to: "ledger-copy8", expecting: .noStream))
        let answers = await handler(log).handle([
            StreamCommand(.book("a"), id: 1), StreamCommand(.book("copy:b"), id: 2), StreamCommand(.book("c"), id: 3),
        ])
        #expect(answers[1].error == .rejected(.closed(reference: "copy:b")))
        #expect(try await references(in: "ledger-1", of: log) == ["a", "c"])
    }

    @Test func `when the other stream cannot be read, the cause is not appended`() async throws {
        let log = TroubledLog()
        _ = try await log.base.append(
            AppendRequest([.draft("ledger.melted")], to: "ledger-copy8", expecting: .noStream))
        let answers = await handler(log).handle([
            StreamCommand(.book("copy:b"), id: 2), StreamCommand(.book("c"), id: 3),
        ])
        guard case .unreadable(stream: "ledger-copy8", _, _)? = answers[0].error else {
            Issue.record("another answer: \(answers[0])")
            return
        }
        #expect(try await references(in: "ledger-1", of: log) == ["c"])
    }

    @Test func `when the other stream has moved on, both are decided anew`() async throws {
        let log = TroubledLog(appending: [.overtaken([booking("copy:a", to: "ledger-copy8")])])
        let handler = handler(log)
        let answers = await handler.handle([
            StreamCommand(.book("copy:a"), id: 1), StreamCommand(.book("x"), to: "ledger-22", id: 2),
        ])
        #expect(answers.map(\.success?.effect) == [.appended, .appended])
        #expect(try await references(in: "ledger-copy8", of: log) == ["copy:a"])
        #expect(try await references(in: "ledger-1", of: log) == ["copy:a"])
    }

    @Test(arguments: 0..<40)
    func `whatever happens, each stream has its cause and its copy, once`(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed &+ 1_000)
        let log = TroubledLog()
        let handlers = [
            handler(log), handler(log, limits: CommandLimits(decisions: 40, cachedStreams: 2, appendEvents: 7)),
        ]
        var all: [StreamCommand<Ledger>] = []
        for round in 0..<10 {
            log.expect(
                (0..<random.below(4)).map { _ in
                    switch random.below(4) {
                    case 0: .unavailable
                    case 1: .lostAnswer
                    default: .overtaken([booking("o\(random.next())", to: "ledger-copy8")])
                    }
                })
            let batch = (0..<random.below(30)).map { index in
                let stream = StreamName(trusting: "ledger-\(random.below(4))")
                let reference = (random.chance(perMille: 600) ? "copy:" : "") + "\(stream)/\(round)/\(index)"
                return StreamCommand<Ledger>(.book(reference), to: stream, id: random.next())
            }
            all += batch
            for answer in await handlers[random.below(2)].handle(batch) {
                #expect(try answer.get().effect != .unchanged)
            }
        }
        let copied = try await references(in: "ledger-copy8", of: log).filter { !$0.hasPrefix("o") }
        let booked = all.map { command in if case .book(let reference) = command.command { reference } else { "" } }
        #expect(copied.sorted() == booked.filter { $0.hasPrefix("copy:") }.sorted())
        for number in 0..<4 {
            let stream = StreamName(trusting: "ledger-\(number)")
            #expect(try await references(in: stream, of: log) == booked.filter { $0.contains("\(stream)/") })
        }
    }
}
