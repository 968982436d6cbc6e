import EventModel
import EventSourcing
import FoundationEssentials

/// A side together with the streams of a workspace, without its types: what a desk needs of it.
protocol SideDesk: Sendable {
    var kind: String { get }
    func recognises(_ payload: JSONValue) -> Bool
    func read(_ payload: JSONValue, isWhole: Bool, of message: InboundMessage) throws(InboundRejection) -> any SideWork
    /// Handles the work of several messages in order.
    func handle(_ work: [any SideWork]) async -> [SideResult]
}

/// The commands of one message. Only the side that made it can look inside.
protocol SideWork: Sendable {
    var count: Int { get }
}

/// What became of the commands of one message.
struct SideResult: Sendable, Equatable {
    var events = 0
    var rejection: InboundRejection?
    /// The log failed, or was contended: the message is handled again later.
    var fault: StoreError?
}

/// A side and the handler of its streams.
struct StreamSideDesk<Side: InboundSide, Store: EventStore>: SideDesk {
    private struct Work: SideWork {
        let commands: [StreamCommand<Side.D>]
        /// One for each command, or none at all.
        let identities: [CommandIdentity?]
        var count: Int { commands.count }
    }

    let side: Side
    let handler: CommandHandler<Side.D, Store>
    let known: KnownCommands<Store>

    var kind: String { side.kind }

    func recognises(_ payload: JSONValue) -> Bool { side.recognises(payload) }

    func read(
        _ payload: JSONValue, isWhole: Bool, of message: InboundMessage
    ) throws(InboundRejection) -> any SideWork {
        let commands = try side.commands(in: payload, isWhole: isWhole, of: message)
        guard commands.count <= InboundLimits.commands else {
            throw InboundRejection(
                .tooLarge, "the payload amounts to \(commands.count) commands, the limit is \(InboundLimits.commands)")
        }
        let id = message.key.command(in: handler.workspace)
        var work: [StreamCommand<Side.D>] = []
        work.reserveCapacity(commands.count)
        for command in commands {
            let occurredAt = command.occurredAt ?? message.occurredAt ?? message.receivedAt
            try occurredAt.isNotAhead(of: message.receivedAt, as: "the time of what is said")
            work.append(
                StreamCommand(
                    command.command, to: command.stream,
                    CommandContext(
                        id: command.identity?.id ?? id, time: message.receivedAt, actor: message.actor, causationID: id,
                        metadata: command.identity?.metadata ?? EventDraft.noMetadata, occurredAt: occurredAt)))
        }
        return Work(commands: work, identities: Side.namesCommands ? commands.map(\.identity) : [])
    }

    func handle(_ work: [any SideWork]) async -> [SideResult] {
        let work = work.compactMap { $0 as? Work }
        guard Side.namesCommands else { return await handle(work.map(\.commands)) }
        do throws(StoreError) {
            let standings = try await known.standings(of: work.flatMap(\.identities))
            return await handle(work, standings)
        } catch {
            return work.map { _ in SideResult(fault: error) }
        }
    }

    private func handle(_ messages: [[StreamCommand<Side.D>]]) async -> [SideResult] {
        let answers = await handler.handle(messages.flatMap { $0 })
        var next = 0
        return messages.map { commands in
            defer { next += commands.count }
            return Self.result(answers[next..<next + commands.count], of: commands.count)
        }
    }

    /// Handles the commands that are new; those that are known are answered without deciding anything.
    private func handle(_ work: [Work], _ standings: [CommandStanding]) async -> [SideResult] {
        let fresh = zip(work.flatMap(\.commands), standings).compactMap { $1 == .new ? $0 : nil }
        var answers = await handler.handle(fresh).makeIterator()
        let settled = standings.map { standing in standing == .new ? answers.next() : nil }
        var next = 0
        return work.map { message in
            defer { next += message.count }
            var result = SideResult()
            for index in next..<next + message.count {
                let place = message.count > 1 ? index - next : nil
                switch standings[index] {
                case .new: if let answer = settled[index] { result.take(answer, at: place) }
                case .known: break
                case .repeats(let first):
                    if case .failure(let error)? = settled[first] { result.take(error, at: place) }
                case .reused: result.rejection = result.rejection ?? CommandIdentity.reuse(at: place)
                }
            }
            return result
        }
    }

    private static func result(
        _ answers: ArraySlice<CommandHandler<Side.D, Store>.Answer>, of count: Int
    ) -> SideResult {
        var result = SideResult()
        for (index, answer) in answers.enumerated() {
            result.take(answer, at: count > 1 ? index : nil)
        }
        return result
    }
}

extension SideResult {
    fileprivate mutating func take<Event, Rejection>(
        _ answer: Result<CommandOutcome<Event>, CommandError<Rejection>>, at index: Int?
    ) {
        switch answer {
        case .success(let outcome):
            events += outcome.effect == .unchanged ? 0 : outcome.events.count + outcome.consequences
        case .failure(let error): take(error, at: index)
        }
    }

    /// The first refusal is the one that is told; a fault counts more, because the message comes again.
    fileprivate mutating func take<Rejection>(_ error: CommandError<Rejection>, at index: Int?) {
        let place = index.map { "part \($0 + 1): " } ?? ""
        let refusal: InboundRejection
        switch error {
        case .rejected(let rejection): refusal = InboundRejection(.refused, place + "\(rejection)")
        case .unreadable: refusal = InboundRejection(.unreadableStream, place + error.description)
        case .store(.refused(let flaw)): refusal = InboundRejection(.unstorable, place + flaw.description)
        case .contended: return fault = fault ?? .unavailable(reason: error.description)
        case .store(let error): return fault = fault ?? error
        }
        rejection = rejection ?? refusal
    }
}
