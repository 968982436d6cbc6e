import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Ingest
import JourneyDomain
import WorkflowDomain

/// What must be true of a log that took in a correspondence: every matter is what its reports amount to in order, nothing is there twice,
/// what was refused is kept with its reason, and no bookmark is ahead of that.
final class IngestAudit: Watcher {
    private let world: World
    private let correspondence: Correspondence
    private let inbound: SimulatedInbound

    init(_ world: World, _ correspondence: Correspondence, _ inbound: SimulatedInbound) {
        self.world = world
        self.correspondence = correspondence
        self.inbound = inbound
    }

    // MARK: While messages are taken in

    func moved(_ moves: [InboundMove], in database: SimulatedDatabase) {
        let (log, rejections) = database.withState { ($0.log, $0.inbound.rejections) }
        let kept = Set(rejections.map(\.id)).intersection(inbound.told)
        for move in moves {
            let partition = inbound.partitions[Int(move.partition)]
            // The partition may have been cut since: then the bookmark is about letters that are gone.
            guard let last = partition.letters.last(where: { $0.offset < move.to.next }),
                last.offset == move.to.next - 1, last.fingerprint == move.to.last
            else { continue }
            let from = move.from.map { $0.generation == move.to.generation ? $0.next : 0 } ?? 0
            for posted in partition.letters(from: from) where posted.offset < move.to.next {
                let place = InboundPlace(
                    topic: SimulatedInbound.name, generation: move.to.generation, partition: move.partition,
                    offset: posted.offset)
                check(posted.letter, in: log, kept, at: place)
            }
        }
    }

    private func check(_ letter: Letter, in log: InMemoryLog, _ kept: Set<UUID>, at place: InboundPlace) {
        let isDone =
            switch letter.fate {
            case .refused: kept.contains(place.key.id)
            case .taken: (try? Self.isKnown(letter, in: log)) ?? false
            }
        guard !isDone else { return }
        world.report(
            Violation(
                .nothingSkipped,
                "the bookmark passed \(place), and letter \(letter.number) is neither in the log, nor kept and told"
            ))
    }

    /// Whether every bookmark is at the end of its partition.
    func isReadThrough(in database: SimulatedDatabase) -> Bool {
        let bookmarks = database.withState { $0.inbound.bookmarks(of: SimulatedInbound.name) }
        return inbound.partitions.enumerated().allSatisfy { index, partition in
            guard let last = partition.letters.last else { return true }
            let bookmark = bookmarks[Int32(index)]
            return bookmark?.next == partition.nextOffset && bookmark?.last == last.fingerprint
        }
    }

    // MARK: At the end

    func conclude(_ database: SimulatedDatabase) {
        let log = database.withState { $0.log }
        let order = LogAudit.orderViolations(of: log) { entry in
            Array("\(entry.stream) \(entry.draft.type) ".utf8) + entry.draft.data
        }
        for violation in order { world.report(violation) }
        for (matter, reports) in correspondence.histories.sorted(by: { "\($0.key)" < "\($1.key)" }) {
            guard (try? isSound(matter, reports, in: log)) != true else { continue }
            world.report(Violation(.idempotent, "\(matter) is not what its reports amount to in order"))
        }
        if let stray = log.streams.first(where: { $0.syncKey == Correspondence.decoy }) {
            world.report(Violation(.idempotent, "\(stray) holds what was refused"))
        }
        checkRefusals(database.withState { $0.inbound.rejections })
    }

    /// Each refused letter is kept, with its reason, once for each place at which it lay, and no other letter is.
    private func checkRefusals(_ rejections: [RejectedMessage]) {
        if Set(rejections.map(\.id)).count != rejections.count {
            world.report(Violation(.nothingSkipped, "a refused message is kept twice"))
        }
        let deliveries = inbound.deliveries
        var kept: [Int: [RejectedMessage]] = [:]
        for message in rejections {
            for letter in Self.letters(of: message, among: deliveries[message.id] ?? []) {
                kept[letter, default: []].append(message)
            }
        }
        for letter in correspondence.letters {
            let copies = kept[letter.number] ?? []
            switch letter.fate {
            case .taken:
                guard let copy = copies.first else { continue }
                world.report(
                    Violation(
                        .nothingSkipped,
                        "letter \(letter.number) was refused for no reason: \(copy.code), \(copy.reason)"))
            case .refused(let code):
                if Set(copies.map { "\($0.code) \($0.reason) \($0.kind ?? "")" }).count != 1
                    || copies.first?.code != code.rawValue
                {
                    world.report(
                        Violation(
                            .nothingSkipped,
                            "letter \(letter.number) is kept as \(copies.map(\.code)), not as \(code)"))
                }
            }
        }
    }

    /// The letters that a message may be. A place of a topic that was cut held several, of which one was read when the bookmark moved behind it.
    private static func letters(of message: RejectedMessage, among delivered: [Letter]) -> [Int] {
        let alike = delivered.filter { $0.payload.count == message.bytes }
        let refused = alike.filter { letter in
            if case .refused(let code) = letter.fate { code.rawValue == message.code } else { false }
        }
        return (refused.isEmpty ? alike : refused).map(\.number)
    }
}

// MARK: What the domains say

extension IngestAudit {
    private static func message(_ payload: [UInt8]) -> InboundMessage {
        InboundMessage(
            key: InboundKey(content: payload), payload: payload, receivedAt: SimulatedClock.beginning, keepsTime: false,
            origin: "audit")
    }

    /// The commands that a payload amounts to.
    private static func commands<Side: InboundSide>(
        of payload: [UInt8], for side: Side
    ) throws -> [InboundCommand<Side.D>] {
        try side.commands(in: JSONValue(payload), isWhole: true, of: message(payload))
    }

    /// What payloads amount to when they are decided one after the other.
    private static func state<Side: InboundSide>(of payloads: [[UInt8]], by side: Side) throws -> Side.D.State {
        var state = Side.D.initialState
        for payload in payloads {
            for command in try commands(of: payload, for: side) {
                state = Side.D.fold(state, try Side.D.decide(command.command, state))
            }
        }
        return state
    }

    private static func addsNothing<Side: InboundSide>(
        _ payload: [UInt8], by side: Side, to stream: StreamName, in log: InMemoryLog
    ) throws -> Bool {
        let state = try log.state(of: stream, by: Side.D.self)
        return try commands(of: payload, for: side).allSatisfy { try Side.D.decide($0.command, state).isEmpty }
    }

    private static func isKnown(_ letter: Letter, in log: InMemoryLog) throws -> Bool {
        switch letter.matter {
        case .execution(let id)?:
            try addsNothing(letter.payload, by: ExecutionSide(), to: StreamName("workflow_execution-\(id)"), in: log)
        case .session(let id)?:
            try addsNothing(letter.payload, by: SessionSide(), to: StreamName("parlant_session-\(id)"), in: log)
        case nil: true
        }
    }

    private func isSound(_ matter: Letter.Matter, _ reports: [[UInt8]], in log: InMemoryLog) throws -> Bool {
        switch matter {
        case .execution(let id):
            return try log.state(of: StreamName("workflow_execution-\(id)"), by: ExecutionDecider.self)
                == Self.state(of: reports, by: ExecutionSide())
        case .session(let id):
            let conversation = try log.state(of: StreamName("parlant_session-\(id)"), by: SessionsDecider.self)
            guard try conversation == Self.state(of: reports, by: SessionSide()) else { return false }
            guard let execution = correspondence.walks[id] else { return true }
            let copy = try log.state(of: StreamName("journey_session-\(execution)"), by: SessionsDecider.self)
            return copy.bindings.map(\.session) == [id] && copy.positions == conversation.positions
                && copy.turns.allSatisfy { conversation.turns[$0.key]?.ending == $0.value.ending }
        }
    }
}
