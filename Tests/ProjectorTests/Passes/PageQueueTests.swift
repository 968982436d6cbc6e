import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Testing

@testable import Projector

@Suite(.timeLimit(.minutes(15))) struct `The pages of a rebuild` {
    /// The events 1 to `count`.
    private func events(_ count: Int) async throws -> EventBatch {
        let log = InMemoryEventStore()
        for index in 0..<count {
            let stream = StreamName(trusting: "tally-\(index % 3)")
            _ = try await log.append(AppendRequest([.draft("tally.up", data: "{}")], to: stream, expecting: .any))
        }
        return try await log.read(EventQuery(limit: 1_000)).events
    }

    @Test(arguments: [(0, 9), (0, 4), (3, 9), (3, 4), (4, 4), (8, 9), (9, 9), (9, 20), (0, 0)] as [(Int64, Int64)])
    func `are cut to what it wants, with the lanes and what each adds to a certificate`(_ start: Int64, _ end: Int64)
        async throws
    {
        let events = try await events(9)
        let part = ScannedPage(events, lanes: Lane.defaultCount).within(GlobalPosition(start), GlobalPosition(end))
        let wanted = events.filter { $0.position.rawValue > start && $0.position.rawValue <= end }
        guard let part else {
            #expect(wanted.isEmpty)
            return
        }
        #expect(part.events.map(\.position) == wanted.map(\.position))
        for workers in 1...4 {
            let shares = part.shares(among: workers)
            #expect(shares.flatMap { $0 }.sorted() == Array(part.events.indices))
        }
        // The log's own number of lanes, and one that a generation may have from before.
        for layout in [LaneLayout.whole, .byLane(Lane.defaultCount), .byLane(5)] {
            var seen: [Int: SeenEvents] = [:]
            for event in part.events { seen[layout.lane(of: event), default: SeenEvents()].add(event) }
            #expect(part.seen(in: layout) == seen)
        }
    }

    @Test func `wait for it in order, no more than a few at a time`() async throws {
        let events = try await events(6)
        let queue = PageQueue()
        queue.open(PageQueue.Stretch(start: .start, end: GlobalPosition(6)))
        #expect(await queue.stretch() == PageQueue.Stretch(start: .start, end: GlobalPosition(6)))
        let seen = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for index in events.indices {
                    let isWanted = await queue.push(ScannedPage(events[index..<index + 1], lanes: Lane.defaultCount))
                    #expect(isWanted == (index < 5))
                }
            }
            var seen: [Int64] = []
            while let page = try await queue.next() { seen += page.events.map(\.position.rawValue) }
            return seen
        }
        #expect(seen == [1, 2, 3, 4, 5, 6])
    }

    @Test func `are not read any more once it has ended`() async throws {
        let events = try await events(4)
        let queue = PageQueue()
        queue.open(PageQueue.Stretch(start: .start, end: GlobalPosition(4)))
        let wanted = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                var isWanted = true
                for index in events.indices where isWanted {
                    isWanted = await queue.push(ScannedPage(events[index..<index + 1], lanes: Lane.defaultCount))
                }
                return isWanted
            }
            queue.close()
            return await group.next()
        }
        #expect(wanted == false)
        #expect(await queue.stretch() == nil)
    }

    @Test func `end with what has stopped the reading, behind those that were read`() async throws {
        let events = try await events(2)
        let queue = PageQueue()
        queue.open(PageQueue.Stretch(start: .start, end: GlobalPosition(9)))
        #expect(await queue.push(ScannedPage(events, lanes: Lane.defaultCount)))
        queue.finish(.failure(.unavailable(reason: "gone")))
        #expect(try await queue.next()?.events.count == 2)
        await #expect(throws: StoreError.unavailable(reason: "gone")) { try await queue.next() }
    }
}
