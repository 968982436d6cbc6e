import EventModel
import EventSourcing
import FoundationEssentials
import KafkaDriver
import ParlantConnector
import PostgresDriver
import Reconciler
import Reconciliation
import SimConnector

/// Both engines at work, and somebody who watches until the two sides of every execution are together.
struct DemoPlay: Sendable {
    /// The longest time in which nothing comes nearer to the end.
    private static let patience = Duration.seconds(45)
    /// Between two looks at everything.
    private static let pause = Duration.milliseconds(400)
    /// Before what an engine could not take is tried again.
    private static let again = Duration.milliseconds(150)
    /// How long a conflict is shown before somebody settles it.
    private static let thinking = Duration.milliseconds(1_500)

    private let engines: DemoEngines
    private let room: ReconcilingRoom
    /// The end of the log when it began.
    private let start: GlobalPosition
    private let time: any Timekeeper

    let stories: [DemoStory]
    private(set) var cases: [DemoCase]
    private(set) var tally: DemoTally
    private(set) var wire: DemoWire
    /// Conflicts that the demonstration has settled as a person would.
    private(set) var settled = 0
    /// How often an engine was away.
    private(set) var absences = 0

    private var screen: DemoScreen
    /// What is still to happen, by execution.
    private var queues: [[DemoScript.Step]]
    private var notBefore: [Duration]
    private var troubles: [Trouble]
    /// How much of what Sim has told is known; `nil` before the first look.
    private var told: Int?
    private var askedAt: [Int: Duration] = [:]
    /// When everything has begun.
    private var calmUntil: Duration?
    private var progressAt = Duration.zero
    private var lookedAt = Duration.zero
    private let sights = DemoSights()
    private var glance: Task<Void, Never>?

    /// What goes wrong, and when.
    private struct Trouble {
        /// Since everything has begun.
        let after: Duration
        let sentence: String
        let control: KeyPath<DemoEngines, StandInControl> & Sendable
        let order: String
        let body: JSONValue
    }

    init(
        _ script: DemoScript, _ cases: [DemoCase], on engines: DemoEngines, _ room: ReconcilingRoom,
        after start: GlobalPosition, seed: UInt64, screen: DemoScreen, time: any Timekeeper = SystemTimekeeper()
    ) {
        self.engines = engines
        self.room = room
        self.start = start
        self.time = time
        self.cases = cases
        self.screen = screen
        stories = script.stories
        tally = DemoTally(script.stories)
        wire = DemoWire(seed: seed)
        queues = script.stories.indices.map { place in script.steps.filter { $0.execution == place } }
        notBefore = script.stories.map { _ in .zero }
        troubles = [
            Trouble(
                after: .milliseconds(200), sentence: "Sim does what it is told three times, and its answer is lost",
                control: \.atSim, order: "faults", body: ["kind": "drop_after_doing", "times": 3]),
            Trouble(
                after: .milliseconds(500), sentence: "Parlant answers half, twice", control: \.atParlant,
                order: "faults", body: ["kind": "half", "times": 2]),
            Trouble(
                after: .milliseconds(1_000), sentence: "Sim is away for a second and a half", control: \.atSim,
                order: "away",
                body: ["milliseconds": 1_500]),
            Trouble(
                after: .milliseconds(2_700), sentence: "Parlant is away for a second and a half", control: \.atParlant,
                order: "away", body: ["milliseconds": 1_500]),
        ]
    }

    /// Goes on until all is over, or nothing comes nearer to it.
    ///
    /// - Parameters:
    ///   - inbound: brings what Sim tells to `topic`.
    ///   - database: where the log is, to count in.
    /// - Returns: how long it took.
    mutating func run(
        to inbound: KafkaProducer, _ topic: String, on database: DatabaseSettings
    ) async throws -> Duration {
        told = try await engines.atSim.eventCount()
        defer { glance?.cancel() }
        let begun = time.steady()
        while true {
            try Task.checkCancellation()
            let now = time.steady() - begun
            try await act(at: now)
            try await deliver(to: inbound, topic, at: now)
            if let seen = sights.take() {
                (glance, lookedAt) = (nil, now)
                take(try seen.get(), at: now)
                screen.show(tally, at: now)
                if tally.isOver, queues.allSatisfy(\.isEmpty), troubles.isEmpty, wire.isEmpty { break }
                guard now - progressAt <= Self.patience else { break }
                try await settle(at: now)
            } else if glance == nil, now - lookedAt >= Self.pause {
                look(on: database)
            }
            try await time.sleep(for: .milliseconds(30))
        }
        let now = time.steady() - begun
        screen.close(tally, at: now)
        return now
    }

    // MARK: What happens

    private mutating func act(at now: Duration) async throws {
        // Nobody could say whether a conversation was opened when the answer is lost, so all are open by then.
        if calmUntil == nil, cases.allSatisfy({ $0.session != nil }) { calmUntil = now }
        while let trouble = troubles.first, let calmUntil, calmUntil + trouble.after <= now {
            troubles.removeFirst()
            if trouble.order == "away" { absences += 1 }
            try await engines[keyPath: trouble.control].order(trouble.order, trouble.body)
            screen.say("\(DemoTally.seconds(now)) s  \(trouble.sentence)")
        }
        // What happens to an execution happens in order, whatever has to wait.
        for place in queues.indices {
            while let step = queues[place].first, max(step.at, notBefore[place]) <= now {
                guard try await engines.carryOut(step.act, &cases[place]) == .done else {
                    notBefore[place] = now + Self.again
                    break
                }
                queues[place].removeFirst()
                progressAt = now
                if step.act == .begin, let start = cases[place].start { wire.take([start], at: now) }
            }
        }
    }

    /// What Sim tells goes its way to the inbound topic.
    private mutating func deliver(to inbound: KafkaProducer, _ topic: String, at now: Duration) async throws {
        let known = told ?? 0
        let news = try await engines.atSim.events(from: known)
        told = known + news.count
        wire.take(news, at: now)
        let arriving = wire.arriving(at: now)
        guard !arriving.isEmpty else { return }
        progressAt = now
        let records = arriving.map { event in
            KafkaRecord(
                topic: topic, key: Array((event["executionId"] ?? event["execution"])?.string?.utf8 ?? "".utf8),
                value: event.compactBytes(),
                headers: [])
        }
        if let failure = try await inbound.send(records).firstFailure { throw failure.error }
    }

    // MARK: What has come of it

    private func key(_ place: Int) -> ExecutionKey {
        ExecutionKey(workspace: .default, execution: cases[place].run)
    }

    /// Looks at everything that is not over, while everything goes on.
    private mutating func look(on database: DatabaseSettings) {
        let keys = tally.looks.indices.filter { tally.looks[$0].standing != .ended }.map { (place: $0, key: key($0)) }
        glance = Task { [sights, room, start, runs = cases[0].runs] in
            do {
                sights.put(.success(try await DemoSight.read(keys, room, on: database, after: start, runs: runs)))
            } catch {
                sights.put(.failure(error))
            }
        }
    }

    private mutating func take(_ sight: DemoSight, at now: Duration) {
        let before = tally.looks.map(\.standing)
        tally.take(sight.standings, at: now)
        if before != tally.looks.map(\.standing) || sight.ledger.counts != tally.ledger { progressAt = now }
        tally.ledger = sight.ledger.counts
    }

    /// What a policy leaves to people is settled as `lockstep reconcile resolve` does it: what the run was told stands.
    private mutating func settle(at now: Duration) async throws {
        for place in tally.looks.indices {
            guard tally.looks[place].standing == .waiting else {
                askedAt[place] = nil
                continue
            }
            let since = askedAt[place] ?? now
            askedAt[place] = since
            guard now - since >= Self.thinking else { continue }
            let key = key(place)
            let queue = try await room.desk.preview(key).ledger.queue
            for conflict in queue.values.sorted(by: { $0.finding.path < $1.finding.path }) {
                let isTellable = try await settle(conflict.id, of: key, .take(.workflow))
                if !isTellable { _ = try await settle(conflict.id, of: key, .accept) }
            }
        }
    }

    /// - Returns: whether the sides can be told what was chosen.
    private mutating func settle(
        _ conflict: UUID, of key: ExecutionKey, _ choice: ReconciliationDecider.Choice
    ) async throws -> Bool {
        do throws(DeskFault) {
            _ = try await room.desk.settle(conflict, of: key, choice)
            settled += 1
        } catch .rejected(.unsettable) {
            return false
        } catch .rejected(.busy), .rejected(.movedOn), .rejected(.unknownConflict) {
            // Somebody, or the next look, was quicker.
        } catch {
            guard error.isTransient else { throw error }
        }
        return true
    }
}
