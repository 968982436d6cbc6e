import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Synchronization
import Testing

@testable import Projector

/// Every progress that a rebuild tells of.
final class Looks: Sendable {
    private let seen = Mutex<[RebuildProgress]>([])

    var all: [RebuildProgress] { seen.withLock { $0 } }

    @Sendable func note(_ progress: RebuildProgress) { seen.withLock { $0.append(progress) } }

    /// Where work of a kind was done, in order.
    func work(where isMeant: (LanesAtWork.Work) -> Bool) -> [LanesAtWork] {
        all.compactMap(\.atWork).filter { isMeant($0.work) }
    }
}

@Suite(.timeLimit(.minutes(15))) struct `The lanes in which a rebuild is at work` {
    private static let lanes = 4

    private func looks(
        _ rig: Rig, workers: Int, pages size: Int, layout: LaneLayout = .whole, part: RebuildPart? = nil
    ) async throws -> Looks {
        let looks = Looks()
        let rebuild = Rebuild(
            rig.projection, log: PagedLog(base: rig.log, events: size), views: rig.views, leases: rig.views,
            settings: RebuildSettings(
                holder: "rebuild",
                limits: RebuildLimits(workers: workers, followBatch: 1, closeEvents: 0, alignmentPatience: .zero),
                lanes: Self.lanes, layout: layout), observe: looks.note)
        if let part { _ = try await rebuild.build(part) } else { _ = try await rebuild.build() }
        return looks
    }

    private func lanes(_ rig: Rig) async throws -> [Int] {
        try await rig.events().map { Int(Lane(of: $0, count: Self.lanes).rawValue) }
    }

    private func isWriting(_ work: LanesAtWork.Work) -> Bool { work == .writing }
    private func isFolding(_ work: LanesAtWork.Work) -> Bool { work == .folding }

    @Test(arguments: [1, 2, 3, 7]) func `are those of the events that its workers folded last, one for each`(
        _ size: Int
    ) async throws {
        let rig = Rig()
        try await rig.append([String](repeating: "tally.up", count: 30), streams: 11)
        let lanes = try await lanes(rig)
        #expect(Set(lanes) == [0, 1, 2, 3])
        for workers in 1...3 {
            let expected = stride(from: 0, to: 30, by: size).map { start in
                let page = lanes[start..<min(30, start + size)]
                let last = (0..<workers).compactMap { worker in page.last { $0 % workers == worker } }
                return LanesAtWork(.folding, in: last, of: Self.lanes)
            }
            let looks = try await looks(rig, workers: workers, pages: size)
            #expect(looks.work(where: isFolding) == expected, "\(workers) workers")
            #expect(looks.all.filter { $0.phase == .indexing || $0.phase == .done }.allSatisfy { $0.atWork == nil })
            let left = Rebuild(
                rig.projection, log: rig.log, views: rig.views, leases: rig.views,
                settings: RebuildSettings(holder: "rebuild"))
            _ = try await left.giveUp()
        }
    }

    @Test func `are those whose rows are written, worker by worker, and no row is told before its turn`() async throws {
        let rig = Rig()
        try await rig.append([String](repeating: "tally.up", count: 30), streams: 11)
        let looks = try await looks(rig, workers: 2, pages: 30)
        let writing = looks.all.filter { $0.atWork.map { isWriting($0.work) } ?? false }
        #expect(writing.compactMap(\.atWork?.lanes) == [[1, 3], [0, 2]])
        #expect(writing.last?.rows == 11 && writing.first.map { $0.rows < 11 } == true)
        #expect(looks.all.filter { $0.atWork.map { isFolding($0.work) } ?? false }.allSatisfy { $0.rows == 0 })
    }

    @Test func `leave out those in which nothing happened`() async throws {
        let rig = Rig()
        try await rig.append(["tally.up", "tally.up"], streams: 1)
        let only = try #require(try await lanes(rig).first)
        let looks = try await looks(rig, workers: 2, pages: 30)
        #expect(looks.all.compactMap(\.atWork).map(\.lanes) == [[only], [only]], "folded, then written")
    }

    @Test func `of a part are those of its events`() async throws {
        let rig = Rig()
        try await rig.append([String](repeating: "tally.up", count: 30), streams: 11)
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(30)) }
        let part = RebuildPart.stream(.default, StreamName(trusting: "tally-4"))
        let looks = try await looks(rig, workers: 1, pages: 30, part: part)
        #expect(Set(looks.work(where: isFolding)) == [LanesAtWork(.folding, in: [try await lanes(rig)[4]], of: 4)])
    }
}
