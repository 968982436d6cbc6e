import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Testing

@Suite("Handling many commands") struct CommandBatchTests {
    private typealias Handler = CommandHandler<Ledger, TroubledLog>

    private func handler(_ log: TroubledLog, limits: CommandLimits = CommandLimits(decisions: 4)) -> Handler {
        Handler(log, limits: limits, time: HastyTimekeeper(), random: SeededRandom(seed: 1))
    }

    private func booking(_ reference: String, to stream: StreamName) -> AppendRequest {
        AppendRequest(
            [.draft("ledger.booked", data: #"{"filling":"","reference":"\#(reference)"}"#)], to: stream, expecting: .any
        )
    }

    private func stream(_ number: Int) -> StreamName { StreamName(trusting: "ledger-\(number)") }

    private func commands(_ count: Int, streams: Int) -> [StreamCommand<Ledger>] {
        (0..<count).map { StreamCommand(.book("\($0)"), to: stream($0 % streams), id: UInt64($0 + 1)) }
    }

    @Test func `many commands over many streams travel in one append`() async throws {
        let log = TroubledLog()
        let answers = await handler(log).handle(commands(200, streams: 7))
        #expect(log.asked.count == 1 && log.asked[0].streams.count == 7)
        #expect(answers.allSatisfy { $0.success?.effect == .appended })
        for (number, answer) in answers.enumerated() {
            let outcome = try answer.get()
            let position = try #require(outcome.positions?.lowerBound)
            let query = EventQuery(after: GlobalPosition(position.rawValue - 1), limit: 1)
            let event = try #require(log.base.log.read(query).events.first)
            #expect(event.stream == stream(number % 7) && event.version == outcome.version)
            #expect(try LedgerEvent(event) == .booked("\(number)", filling: 0))
        }
    }

    @Test func `an append holds no more events and bytes than it may`() async throws {
        let log = TroubledLog()
        let limits = CommandLimits(appendEvents: 10)
        #expect(await handler(log, limits: limits).handle(commands(95, streams: 3)).allSatisfy { $0.success != nil })
        #expect(log.asked.map(\.eventCount) == Array(repeating: 10, count: 9) + [5])
        let large = TroubledLog()
        let answers = await handler(large).handle(
            (0..<20).map {
                StreamCommand(.bookMany("\($0)", count: 1, bytes: 1_000_000), to: stream($0), id: UInt64($0))
            })
        #expect(answers.allSatisfy { $0.success != nil } && large.asked.map(\.eventCount) == [8, 8, 4])
    }

    @Test func `a command that fits no append fails alone`() async throws {
        let log = TroubledLog()
        let answers = await handler(log).handle([
            StreamCommand(.book("a"), id: 1), StreamCommand(.bookMany("many", count: 1_001), id: 2),
            StreamCommand(.bookMany("large", count: 1, bytes: 1_048_576), id: 3),
            StreamCommand(.bookMany("heavy", count: 9, bytes: 1_000_000), id: 4), StreamCommand(.book("b"), id: 5),
        ])
        #expect(answers.map { $0.success != nil } == [true, false, false, false, true])
        #expect(answers[1].error == .store(.refused(.tooManyEvents(count: 1_001, limit: 1_000))))
        guard case .store(.refused(.eventTooLarge))? = answers[2].error,
            case .store(.refused(.appendTooLarge))? = answers[3].error
        else {
            Issue.record("the limits are not named: \(answers)")
            return
        }
        #expect(log.asked.count == 1)
    }

    @Test func `a refused command never fails its neighbours, before and behind it`() async throws {
        let log = TroubledLog()
        let answers = await handler(log).handle([
            StreamCommand(.book("a"), id: 1), StreamCommand(.close, id: 2), StreamCommand(.book("b"), id: 3),
            StreamCommand(.book("a"), id: 4), StreamCommand(.book("c"), to: "ledger-2", id: 5),
        ])
        #expect(answers.map(\.success?.effect) == [.appended, .appended, nil, .unchanged, .appended])
        #expect(answers[2].error == .rejected(.closed(reference: "b")))
        #expect(log.base.log.head == GlobalPosition(3) && log.asked.count == 1)
    }

    @Test func `only the stream that has moved on is read and decided anew`() async throws {
        let log = TroubledLog(appending: [.overtaken([booking("other", to: "ledger-1")])])
        let answers = await handler(log).handle(commands(9, streams: 3))
        #expect(answers.allSatisfy { $0.success?.effect == .appended })
        let asked = log.asked.map { $0.streams.map(\.stream.rawValue) }
        #expect(asked == [["ledger-0", "ledger-1", "ledger-2"], ["ledger-0", "ledger-2"], ["ledger-1"]])
        #expect(log.read.count == 4)
        #expect(log.asked[0].streams[0].events == log.asked[1].streams[0].events, "the others keep their decisions")
    }

    @Test func `many streams that have moved on cost three rounds, not one each`() async throws {
        let others = (0..<40).map { booking("other", to: stream($0)) }
        let log = TroubledLog(appending: [.overtaken(others)])
        let answers = await handler(log).handle(commands(400, streams: 50))
        #expect(answers.allSatisfy { $0.success?.effect == .appended })
        // All together, the 49 that may be well, each of these alone, and at last those decided anew.
        #expect(log.asked.count == 51)
    }

    @Test func `a poison event fails its command, and those beside it go on`() async throws {
        let log = TroubledLog()
        let poison = StreamCommand<Ledger>(.book("poison"), to: "ledger-1", id: 50) {
            $0.metadata = Array("[]".utf8)
        }
        var commands = commands(30, streams: 3)
        commands.insert(poison, at: 10)
        let answers = await handler(log).handle(commands)
        #expect(answers.indices.filter { answers[$0].success == nil } == [10])
        guard case .store(.refused(.metadataNotObject))? = answers[10].error else {
            Issue.record("another answer: \(answers[10])")
            return
        }
        #expect(log.base.log.head == GlobalPosition(30))
    }

    @Test func `ids that the log knows with other content fail their command after a second look`() async throws {
        let (log, elsewhere) = (TroubledLog(), TroubledLog())
        _ = await handler(elsewhere).handle([StreamCommand(.book("b"), to: "ledger-2", id: 1)])
        let id = elsewhere.asked[0].streams[0].events[0].id
        _ = try await log.base.append(AppendRequest([.draft(id: id)], to: "account-1", expecting: .noStream))
        let answers = await handler(log).handle([
            StreamCommand(.book("b"), to: "ledger-2", id: 1), StreamCommand(.book("c"), to: "ledger-2", id: 2),
            StreamCommand(.book("d"), to: "ledger-3", id: 3),
        ])
        guard case .store(.refused(.idReused))? = answers[0].error else {
            Issue.record("another answer: \(answers[0])")
            return
        }
        #expect(answers[1].success?.version == StreamVersion(1) && answers[2].success?.effect == .appended)
    }

    @Test func `another process that stored the same decisions is recognised`() async throws {
        let log = TroubledLog()
        let batch = commands(12, streams: 4)
        let (paused, other) = (handler(log), handler(log))
        _ = await paused.handle(Array(batch.prefix(4)))
        // The other one carries on while the first is paused with what it remembers.
        #expect(await other.handle(Array(batch.prefix(8))).allSatisfy { $0.success != nil })
        let answers = await paused.handle(Array(batch.dropFirst(4)))
        #expect(answers.prefix(4).allSatisfy { $0.success?.effect == .unchanged })
        #expect(answers.dropFirst(4).allSatisfy { $0.success?.effect == .appended })
        #expect(log.base.log.head == GlobalPosition(12))
    }

    @Test func `what is remembered is bounded by streams and by bytes`() async throws {
        for limits in [CommandLimits(cachedStreams: 2), CommandLimits(cachedBytes: 60)] {
            let log = TroubledLog()
            let handler = handler(log, limits: limits)
            _ = await handler.handle((0..<4).map { StreamCommand(.book("a"), to: stream($0), id: UInt64($0)) })
            let readings = log.read.count
            _ = await handler.handle([StreamCommand(.book("b"), to: stream(3), id: 10)])
            #expect(log.read.count == readings, "the last one is remembered")
            _ = await handler.handle([StreamCommand(.book("b"), to: stream(0), id: 11)])
            #expect(log.read.count == readings + 1, "the first one is forgotten")
        }
    }

    @Test(arguments: 0..<40)
    func `whatever happens, every stream holds what its answers say, in order, once`(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let log = TroubledLog()
        let handlers = [handler(log), handler(log, limits: CommandLimits(decisions: 50, cachedStreams: 3))]
        var expected: [StreamName: [String]] = [:]
        var number = 0
        for _ in 0..<12 {
            log.expect(
                (0..<random.below(5)).map { _ in
                    switch random.below(4) {
                    case 0: .unavailable
                    case 1: .lostAnswer
                    default: .overtaken([booking("o\(random.next())", to: stream(random.below(5)))])
                    }
                })
            let batch = (0..<random.below(60)).map { _ in
                number += random.chance(perMille: 800) ? 1 : 0
                return StreamCommand<Ledger>(.book("\(number)"), to: stream(number % 5), id: UInt64(number))
            }
            let answers = await handlers[random.below(2)].handle(batch)
            for (command, answer) in zip(batch, answers) {
                guard try answer.get().effect != .unchanged, case .book(let reference) = command.command else {
                    continue
                }
                expected[command.stream, default: []].append(reference)
            }
        }
        for (stream, references) in expected {
            let stored = try await log.base.read(StreamQuery(stream)).events.compactMap { event -> String? in
                guard case .booked(let reference, _) = try LedgerEvent(event), !reference.hasPrefix("o") else {
                    return nil
                }
                return reference
            }
            #expect(stored == references)
        }
    }
}
