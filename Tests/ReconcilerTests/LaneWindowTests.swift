import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import Testing

@testable import Reconciler

@Suite struct LaneWindowTests {
    private func key(_ name: String) -> ExecutionKey { ExecutionKey(workspace: .default, execution: name) }

    private func window() -> LaneWindow {
        LaneWindow(
            ConsumerProgress(of: .init(consumer: "reconciler", kind: "reconciler", lane: 3), incarnation: UUID()))
    }

    private func reading(_ end: Int64, _ touched: String..., events: Int64 = 1) -> LaneReading {
        LaneReading(
            end: GlobalPosition(end), lastEventID: Self.id(end), events: events, touched: Set(touched.map(key)))
    }

    private static func id(_ position: Int64) -> UUID {
        UUID(uuidString: "00000000-0000-8000-8000-" + String(format: "%012d", position)) ?? UUID()
    }

    private func look(_ window: inout LaneWindow, _ name: String) {
        window.begin(key(name))
        window.finish(key(name))
    }

    @Test func `a lane in which nothing happens to any execution moves with what is read`() {
        var window = window()
        window.read(reading(5, events: 2))
        #expect(window.progress.position == GlobalPosition(5) && window.progress.lastEventID == Self.id(5))
        #expect(window.progress.eventsHandled == 2 && window.depth == 0)
    }

    @Test func `the position moves to the last one below which everything was looked at, in whatever order that ends`()
    {
        var window = window()
        window.read(reading(1, "a"))
        window.read(reading(2, "b"))
        window.read(reading(4, "c"))
        look(&window, "c")
        look(&window, "b")
        #expect(window.progress.position == .start && window.progress.eventsHandled == 0)
        look(&window, "a")
        #expect(window.progress.position == GlobalPosition(4) && window.progress.lastEventID == Self.id(4))
        #expect(window.progress.eventsHandled == 3 && window.outstanding == 0)
    }

    @Test func `a look does not count for what was read after it began`() {
        var window = window()
        window.read(reading(1, "a"))
        window.begin(key("a"))
        window.read(reading(2, "a"))
        window.finish(key("a"))
        #expect(window.progress.position == GlobalPosition(1))
        look(&window, "a")
        #expect(window.progress.position == GlobalPosition(2))
    }

    @Test func `an execution that is touched again before it is looked at is looked at once`() {
        var window = window()
        for position in 1...9 { window.read(reading(Int64(position), "a")) }
        #expect(window.outstanding == 1 && window.depth == 1)
        look(&window, "a")
        #expect(window.progress.position == GlobalPosition(9) && window.progress.eventsHandled == 9)
    }

    @Test func `a look that fails keeps the position back and is named, and the others are looked at all the same`() {
        var window = window()
        window.read(reading(1, "bad"))
        window.read(reading(2, "good"))
        window.begin(key("bad"))
        window.read(reading(3, "bad"))
        window.finish(key("bad"), failure: "it cannot be read")
        look(&window, "good")
        window.setState(isLive: true)
        #expect(window.progress.position == .start)
        #expect(window.progress.lastError == "execution bad cannot be looked at: it cannot be read")
        look(&window, "bad")
        window.setState(isLive: true)
        #expect(window.progress.position == GlobalPosition(3) && window.progress.lastError == nil)
    }

    @Test func `a look that was broken off keeps the position back as well, and nothing is wrong with the execution`() {
        var window = window()
        window.read(reading(1, "a"))
        window.begin(key("a"))
        window.read(reading(2, "a"))
        window.putBack(key("a"))
        window.putBack(key("never"))
        window.setState(isLive: true)
        #expect(window.progress.position == .start && window.progress.lastError == nil && window.outstanding == 1)
        look(&window, "a")
        #expect(window.progress.position == GlobalPosition(2))
    }

    @Test func `what is read twice, or out of order, changes nothing`() {
        var window = window()
        window.read(reading(4, "a"))
        window.read(reading(4, "b"))
        window.read(reading(2, "c"))
        #expect(window.outstanding == 1 && window.position == GlobalPosition(4))
        window.finish(key("never"), failure: nil)
        look(&window, "a")
        #expect(window.progress.position == GlobalPosition(4) && window.progress.eventsHandled == 1)
    }

    @Test func `however long one execution fails, no more is kept than for those that wait`() {
        var window = window()
        window.read(reading(1, "bad"))
        for position in 2...5_000 {
            window.read(reading(Int64(position), "run-\(position)"))
            look(&window, "run-\(position)")
        }
        #expect(window.depth <= 2 * window.outstanding + 66 && window.progress.position == .start)
        look(&window, "bad")
        #expect(window.progress.position == GlobalPosition(5_000) && window.progress.eventsHandled == 5_000)
    }

    @Test(arguments: 0..<20)
    func `under any interleaving the position is below everything that was not looked at, and ends at the end`(
        seed: UInt64
    ) {
        var random = SplitMix64(seed: seed)
        var window = window()
        /// The first touch of each execution that no successful look has covered, worked out the slow way.
        var (touches, begun): ([(Int64, String)], [String: Int64]) = ([], [:])
        var position: Int64 = 0
        for _ in 0..<400 {
            let name = "run-\(random.next() % 6)"
            switch random.next() % 4 {
            case 0, 1:
                position += 1 + Int64(random.next() % 3)
                window.read(reading(position, name))
                touches.append((position, name))
            case 2 where begun[name] == nil:
                window.begin(key(name))
                begun[name] = position
            case 2, 3:
                guard let since = begun.removeValue(forKey: name) else { continue }
                let fails = random.next() % 3 == 0
                window.finish(key(name), failure: fails ? "no" : nil)
                if !fails { touches.removeAll { $0.1 == name && $0.0 <= since } }
            default: break
            }
            let first = touches.map(\.0).min() ?? .max
            #expect(window.progress.position.rawValue < first)
        }
        for name in (0..<6).map({ "run-\($0)" }) {
            if begun[name] != nil { window.finish(key(name)) }
            look(&window, name)
        }
        #expect(window.progress.position.rawValue == position && window.outstanding == 0)
    }
}
