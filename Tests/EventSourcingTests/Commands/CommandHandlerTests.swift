import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Testing

@Suite("Handling commands") struct CommandHandlerTests {
    private typealias Handler = CommandHandler<Ledger, TroubledLog>

    private func handler(_ log: TroubledLog, limits: CommandLimits = CommandLimits(decisions: 4)) -> Handler {
        Handler(log, limits: limits, time: HastyTimekeeper(), random: SeededRandom(seed: 1))
    }

    /// What somebody else appends.
    private func booking(_ reference: String, to stream: StreamName = "ledger-1", _ expected: ExpectedVersion = .any)
        -> AppendRequest
    {
        AppendRequest(
            [.draft("ledger.booked", data: #"{"filling":"","reference":"\#(reference)"}"#)], to: stream,
            expecting: expected)
    }

    private func bookings(in stream: StreamName, of log: TroubledLog) async throws -> [String] {
        try await log.base.read(StreamQuery(stream)).events.map { event in
            guard case .booked(let reference, _) = try LedgerEvent(event) else { return "closed" }
            return reference
        }
    }

    @Test func `a command is appended once, however often it is handled`() async throws {
        let log = TroubledLog()
        let handler = handler(log)
        let first = try await handler.handle(StreamCommand(.book("a"), id: 1))
        #expect(first.outcome.effect == .appended && first.outcome.events == [.booked("a", filling: 0)])
        #expect(first.version == StreamVersion(1) && first.position == GlobalPosition(1))
        #expect(first.outcome.positions == GlobalPosition(1)...GlobalPosition(1))
        #expect(first.state.order == ["a"])
        let again = try await handler.handle(StreamCommand(.book("a"), id: 1))
        #expect(again.outcome.effect == .unchanged && again.outcome.positions == nil)
        #expect(again.version == StreamVersion(1) && again.position == GlobalPosition(1) && again.state == first.state)
        #expect(log.asked.count == 1)
    }

    @Test func `what is appended says who, when, why and against which version`() async throws {
        let log = TroubledLog()
        let cause = SequentialIDs.id(77)
        let command = StreamCommand<Ledger>(.book("a"), id: 9) { context in
            context.causationID = cause
            context.metadata = Array(#"{"source":"test"}"#.utf8)
            context.occurredAt = Timestamp(microseconds: 1_000_000)
        }
        _ = try await handler(log).handle(command)
        let part = log.asked[0].streams[0]
        let draft = part.events[0]
        let expected = EventDraft.draft(
            "ledger.booked", id: draft.id, data: #"{"filling":"","reference":"a"}"#, metadata: #"{"source":"test"}"#,
            correlation: command.context.id, causation: cause, actor: "ada", at: Timestamp(microseconds: 1_000_000))
        #expect(part.expected == .noStream)
        #expect(draft == expected)
    }

    @Test func `an append whose answer was lost is retried with the same ids and stored once`() async throws {
        let log = TroubledLog(appending: [.unavailable, .lostAnswer, .unavailable])
        let done = try await handler(log).handle(StreamCommand(.book("a"), id: 1))
        #expect(done.outcome.effect == .repeated && done.version == StreamVersion(1))
        #expect(Set(log.asked.map { $0.streams[0].events[0].id }).count == 1 && log.asked.count == 4)
        #expect(log.base.log.head == GlobalPosition(1))
    }

    @Test func `a lost race is decided anew on the new events alone, with other ids`() async throws {
        let log = TroubledLog(appending: [.overtaken([booking("b"), booking("c")])])
        let handler = handler(log)
        let done = try await handler.handle(StreamCommand(.book("a"), id: 1))
        #expect(done.state.order == ["b", "c", "a"] && done.version == StreamVersion(3))
        #expect(log.asked[0].streams[0].events[0].id != log.asked[1].streams[0].events[0].id)
        log.expect([.overtaken([booking("d")])])
        _ = try await handler.handle(StreamCommand(.book("e"), id: 2))
        #expect(log.read.last?.from == StreamVersion(4), "only what is new is read")
    }

    @Test func `a decision that the others have made already appends nothing`() async throws {
        let log = TroubledLog(appending: [.overtaken([booking("a")])])
        let done = try await handler(log).handle(StreamCommand(.book("a"), id: 1))
        #expect(done.outcome.effect == .unchanged && log.base.log.head == GlobalPosition(1))
    }

    @Test func `attempts are bounded, and then nothing has been appended`() async throws {
        let log = TroubledLog(appending: (0..<9).map { .overtaken([booking("other \($0)")]) })
        await #expect(throws: CommandError<Ledger.Rejection>.contended(stream: "ledger-1", attempts: 4)) {
            try await handler(log).handle(StreamCommand(.book("a"), id: 1))
        }
        #expect(try await bookings(in: "ledger-1", of: log) == (0..<4).map { "other \($0)" })
    }

    @Test func `nothing is decided for good on a remembered state`() async throws {
        let log = TroubledLog()
        let handler = handler(log)
        _ = try await handler.handle(StreamCommand(.close, id: 1))
        // Somebody else makes a fact of what the remembered state would refuse.
        _ = try await log.base.append(booking("late"))
        let done = try await handler.handle(StreamCommand(.book("late"), id: 2))
        #expect(done.outcome.effect == .unchanged && done.version == StreamVersion(2))
        await #expect(throws: CommandError.rejected(Ledger.Rejection.closed(reference: "later"))) {
            try await handler.handle(StreamCommand(.book("later"), id: 3))
        }
    }

    @Test func `a stream that cannot be read says where, and its neighbours go on`() async throws {
        let log = TroubledLog()
        _ = try await log.base.append(
            AppendRequest([.draft("ledger.booked"), .draft("ledger.melted")], to: "ledger-1", expecting: .noStream))
        let answers = await handler(log).handle([
            StreamCommand(.book("a"), to: "ledger-1", id: 1), StreamCommand(.book("a"), to: "ledger-2", id: 2),
        ])
        #expect(
            answers[0].error
                == .unreadable(stream: "ledger-1", version: StreamVersion(1), .missing(JSONPath.root["reference"])))
        #expect(answers[1].success?.effect == .appended)
    }

    @Test func `events that belong to every domain are passed over`() async throws {
        let log = TroubledLog()
        _ = try await log.base.append(booking("a"))
        _ = try await log.base.append(AppendRequest([.draft("subject.erased")], to: "ledger-1", expecting: .any))
        let done = try await handler(log).handle(StreamCommand(.book("b"), id: 1))
        #expect(done.state.order == ["a", "b"] && done.version == StreamVersion(3))
    }

    @Test(arguments: [StoreError.failed(reason: "a test"), .unavailable(reason: "a test")])
    func `a fault of the log is the answer to all that have none yet`(_ fault: StoreError) async throws {
        let trouble = fault.isTransient ? TroubledLog.Trouble.unavailable : .broken
        let log = TroubledLog(appending: Array(repeating: trouble, count: 8))
        let handler = handler(log)
        let commands = [StreamCommand(.book("a"), id: 1), StreamCommand(.book("b"), to: "ledger-2", id: 2)]
        let answers = await handler.handle(commands)
        #expect(answers.map(\.error) == [.store(fault), .store(fault)])
        log.expect([])
        #expect(await handler.handle(commands).allSatisfy { $0.success?.effect == .appended }, "nothing stays broken")
    }

    @Test func `a fault while reading is an answer`() async throws {
        let log = TroubledLog(reading: [.unavailable, .broken])
        await #expect(throws: CommandError<Ledger.Rejection>.store(.failed(reason: "a test"))) {
            try await handler(log).handle(StreamCommand(.book("a"), id: 1))
        }
    }
}

extension Result {
    var success: Success? { try? get() }
    var error: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}
