import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import ReadModels
import Synchronization
import Testing

@Suite("Beginning at a snapshot") struct SnapshotTests {
    private static let stream = SnapshotWorld.stream
    private static let key = SnapshotKey(workspace: .default, stream: stream, fold: "ledger")

    private static func order(_ range: Range<Int>) -> [String] { range.map { "\($0)" } }

    @Test func `a long stream leaves a snapshot behind, and the next process folds only what came since`() async throws
    {
        let world = SnapshotWorld()
        try await world.book(0..<30)
        let first = world.snapshots()
        #expect(try await world.load(first).order == Self.order(0..<30))
        #expect(try await world.kept.snapshot(Self.key) == nil, "nothing is written while somebody waits")
        await first.settle()
        #expect(try await world.kept.snapshot(Self.key)?.mark.version == StreamVersion(30))
        try await world.book(30..<35)
        let second = world.snapshots()
        let reads = world.log.read.count
        #expect(try await world.load(second).order == Self.order(0..<35))
        #expect(world.lastReads(since: reads) == [1, 30])
        await second.settle()
        #expect(second.statistics.used == 1 && second.statistics.answers.isEmpty)
        #expect(try await world.kept.snapshot(Self.key)?.mark.version == StreamVersion(30))
        try await world.book(35..<50)
        let third = world.snapshots()
        #expect(try await world.load(third).order == Self.order(0..<50))
        await third.settle()
        #expect(third.statistics.answers == [.kept: 1])
        #expect(try await world.kept.snapshot(Self.key)?.mark.version == StreamVersion(50))
    }

    @Test(arguments: [0, 1, 4, 5])
    func `a short stream never asks`(_ count: Int) async throws {
        let world = SnapshotWorld()
        try await world.book(0..<count)
        let snapshots = world.snapshots()
        _ = try await world.load(snapshots)
        await snapshots.settle()
        #expect(world.log.read.count == 1 && snapshots.statistics == SnapshotStatistics())
    }

    @Test(arguments: 6...40)
    func `at every cut, what is folded on top of the snapshot is what is folded from the start`(_ cut: Int) async throws
    {
        let world = SnapshotWorld()
        try await world.book(0..<cut)
        let limits = SnapshotLimits(askedBehind: 5, foldedEvents: 0, checkedOneIn: 1)
        let first = world.snapshots(limits)
        _ = try await world.load(first)
        await first.settle()
        #expect(try await world.kept.snapshot(Self.key)?.mark.version == StreamVersion(Int64(cut)))
        try await world.book(cut..<45)
        let second = world.snapshots(limits)
        #expect(try await world.load(second) == world.load(nil))
        await second.settle()
        #expect(second.statistics.used == 1 && second.statistics.confirmed == 1 && second.statistics.mismatches == 0)
    }

    @Test func `a state that is larger than any event comes back`() async throws {
        let world = SnapshotWorld()
        let long = String(repeating: "x", count: 100_000)
        for number in 0..<12 {
            _ = try await world.log.base.append(
                AppendRequest(
                    [.draft("ledger.booked", data: #"{"filling":"","reference":"\#(number)\#(long)"}"#)],
                    to: Self.stream,
                    expecting: .any))
        }
        let first = world.snapshots()
        let state = try await world.load(first)
        await first.settle()
        #expect(try await world.kept.snapshot(Self.key)?.state.count ?? 0 > 1 << 20)
        let second = world.snapshots()
        #expect(try await world.load(second) == state)
        #expect(second.statistics.used == 1)
    }

    @Test func `a command is decided on top of it, and appended behind what the log holds`() async throws {
        let world = SnapshotWorld()
        try await world.book(0..<30)
        let first = world.snapshots()
        _ = try await world.load(first)
        await first.settle()
        let second = world.snapshots()
        let handler = CommandHandler<Ledger, SnapshotLog>(
            SnapshotLog(base: world.log, snapshots: second), time: HastyTimekeeper(), random: SeededRandom(seed: 1))
        #expect(try await handler.handle(StreamCommand(.book("7"), id: 1)).outcome.effect == .unchanged)
        let done = try await handler.handle(StreamCommand(.book("new"), id: 2))
        #expect(done.version == StreamVersion(31) && done.state.order.count == 31)
        #expect(second.statistics.used == 1)
    }

    @Test func `what a process has decided itself is not put down as if it had been read`() async throws {
        let world = SnapshotWorld()
        try await world.book(0..<3)
        let snapshots = world.snapshots()
        let handler = CommandHandler<Ledger, SnapshotLog>(
            SnapshotLog(base: world.log, snapshots: snapshots), time: HastyTimekeeper(), random: SeededRandom(seed: 1))
        _ = try await handler.handle(StreamCommand(.book("own"), id: 1))
        try await world.book(10..<40)
        let done = try await handler.handle(StreamCommand(.book("another"), id: 2))
        #expect(done.version == StreamVersion(35))
        await snapshots.settle()
        #expect(snapshots.statistics.answers.isEmpty)
    }
}

@Suite("Snapshots that cannot be used") struct UselessSnapshotTests {
    private static let key = SnapshotWorld.key

    /// A stream of 30 events and its snapshot at 30, altered.
    private func altered(_ alter: (Snapshot) -> Snapshot) async throws -> SnapshotWorld {
        let world = SnapshotWorld()
        try await world.book(0..<30)
        let first = world.snapshots()
        _ = try await world.load(first)
        await first.settle()
        let snapshot = try #require(try await world.kept.snapshot(Self.key))
        #expect(try await world.kept.keep(alter(snapshot), over: snapshot.mark) == .kept)
        return world
    }

    private enum Harm: String, CaseIterable, Sendable {
        case truncated, flipped, otherFingerprint, beyondTheEnd, otherEvent, otherPosition, notJSON, otherShape

        var flaw: SnapshotFlaw {
            switch self {
            case .truncated, .flipped: .damaged
            case .otherFingerprint: .fold
            case .beyondTheEnd, .otherEvent, .otherPosition: .history
            case .notJSON, .otherShape: .unreadable
            }
        }

        func apply(to snapshot: Snapshot) -> Snapshot {
            var (version, id, fingerprint) = (
                snapshot.mark.version, snapshot.mark.eventID, snapshot.mark.fingerprint
            )
            var (position, state, isHonest) = (snapshot.position, snapshot.state, true)
            switch self {
            case .truncated: (state, isHonest) = (Array(state.dropLast(4)), false)
            case .flipped: (state[12], isHonest) = (state[12] ^ 1, false)
            case .otherFingerprint: fingerprint = ContentDigest(of: [1])
            case .beyondTheEnd: version = StreamVersion(31)
            case .otherEvent: id = UUID()
            case .otherPosition: position = GlobalPosition(29)
            case .notJSON: state = Array("{".utf8)
            case .otherShape: state = Array(#"{"order":[1]}"#.utf8)
            }
            return Snapshot(
                key: snapshot.key, mark: SnapshotMark(version: version, eventID: id, fingerprint: fingerprint),
                position: position, foldedBytes: snapshot.foldedBytes, keys: [], state: state,
                digest: isHonest ? ContentDigest(of: state) : snapshot.digest)
        }
    }

    @Test(arguments: Harm.allCases)
    private func `cost a fold of all events, and are replaced by one that can`(_ harm: Harm) async throws {
        let world = try await altered(harm.apply)
        let snapshots = world.snapshots()
        #expect(try await world.load(snapshots) == world.load(nil))
        #expect(snapshots.statistics.useless == [harm.flaw: 1] && snapshots.statistics.used == 0)
        await snapshots.settle()
        #expect(snapshots.statistics.answers == [.kept: 1])
        let again = world.snapshots()
        #expect(try await world.load(again).order.count == 30)
        #expect(again.statistics.used == 1)
    }

    @Test func `are not asked for by a fold that does something else with the samples`() async throws {
        let world = try await altered { $0 }
        let other = world.snapshots(samples: Array(SnapshotWorld.samples.dropLast()))
        _ = try await world.load(other)
        #expect(other.statistics.useless == [.fold: 1])
        let own = SnapshotFold(of: Ledger.self, samples: SnapshotWorld.samples)
        #expect(own.fingerprint == SnapshotFold(of: Ledger.self, samples: SnapshotWorld.samples.reversed()).fingerprint)
        #expect(own.fingerprint != SnapshotFold(of: Altered.self, samples: SnapshotWorld.samples).fingerprint)
    }

    /// The same ledger, whose fold takes closings for something else.
    private enum Altered: Decider {
        typealias State = Ledger.State
        static var initialState: State { Ledger.initialState }
        static func evolve(_ state: State, _ event: LedgerEvent) -> State {
            guard case .closed = event else { return Ledger.evolve(state, event) }
            return state
        }
        static func decide(_ command: Ledger.Command, _ state: State) throws(Ledger.Rejection) -> [LedgerEvent] { [] }
    }

    @Test func `because they are not what their events amount to are found at random, dropped and distrusted`()
        async throws
    {
        let world = try await altered { snapshot in
            let state = Array(#"{"order":["stolen"],"closed":false}"#.utf8)
            return Snapshot(
                key: snapshot.key, mark: snapshot.mark, position: snapshot.position, foldedBytes: 1, keys: [],
                state: state, digest: ContentDigest(of: state))
        }
        let reports = Mutex<[SnapshotMismatch]>([])
        let checking = SnapshotLimits(askedBehind: 5, foldedEvents: 10, checkedOneIn: 1)
        let snapshots = world.snapshots(checking) { mismatch in reports.withLock { $0.append(mismatch) } }
        #expect(try await world.load(snapshots).order == ["stolen"])
        await snapshots.settle()
        #expect(
            snapshots.statistics.mismatches == 1 && reports.withLock { $0.map(\.mark.version) } == [StreamVersion(30)])
        #expect(try await world.kept.snapshotMismatches(limit: 10).map(\.key) == [Self.key])
        let after = world.snapshots(checking)
        #expect(try await world.load(after) == world.load(nil))
        await after.settle()
        #expect(after.statistics.used == 0 && after.statistics.answers == [.distrusted: 1])
        #expect(try await world.kept.forgiveMismatches(of: "ledger") == 1)
        _ = try await world.load(after)
        await after.settle()
        #expect(after.statistics.answers == [.distrusted: 1, .kept: 1])
    }

    @Test func `do not hinder: a store that fails and a state that is too large change no answer`() async throws {
        let world = SnapshotWorld()
        try await world.book(0..<30)
        let small = world.snapshots(SnapshotLimits(askedBehind: 5, foldedEvents: 10, stateBytes: 50))
        #expect(try await world.load(small).order.count == 30)
        await small.settle()
        #expect(small.statistics.tooLarge == 1)
        #expect(try await world.kept.snapshot(Self.key) == nil)
        let failing = Snapshots(
            BrokenSnapshots(), of: [SnapshotFold(of: Ledger.self, samples: SnapshotWorld.samples)], keys: nil,
            limits: SnapshotWorld.limits)
        #expect(try await world.load(failing).order.count == 30)
        await failing.settle()
        #expect(failing.statistics.failures == 2)
    }

    @Test
    func
        `a process that is killed between folding and writing leaves nothing, and one with too much to write leaves it out`()
        async throws
    {
        let world = SnapshotWorld()
        try await world.book(0..<30)
        let limits = SnapshotLimits(askedBehind: 5, foldedEvents: 10, checkedOneIn: 0, waiting: 2)
        let busy = world.snapshots(limits)
        for _ in 0..<5 { _ = try await world.load(busy) }
        #expect(busy.statistics.leftOut == 3)
        #expect(try await world.kept.snapshot(Self.key) == nil)
        await busy.settle()
        #expect(busy.statistics.answers == [.kept: 1, .overtaken: 1])
    }

    @Test func `a process that stays writes beside its work, until it is told to end`() async throws {
        let world = SnapshotWorld()
        try await world.book(0..<30)
        let (written, isWritten) = AsyncStream.makeStream(of: Void.self)
        let telling = TellingSnapshots(base: world.kept, kept: isWritten)
        let snapshots = Snapshots(
            telling, of: [SnapshotFold(of: Ledger.self, samples: SnapshotWorld.samples)], keys: nil,
            limits: SnapshotWorld.limits)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await snapshots.run() }
            _ = try await world.load(snapshots)
            for await _ in written { break }
            group.cancelAll()
        }
        #expect(try await world.kept.snapshot(Self.key)?.mark.version == StreamVersion(30))
    }
}
