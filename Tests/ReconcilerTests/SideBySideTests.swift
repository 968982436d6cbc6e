import Synchronization
import Testing

@testable import Reconciler

@Suite struct `What is done side by side` {
    @Test(arguments: [0, 1, 3, 100])
    func `answers come in the order of the elements, and no more are begun than there are places`(
        _ width: Int
    ) async throws {
        let under = Mutex((now: 0, most: 0))
        let answers = try await Array(0..<40).sideBySide(width) { number in
            under.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            // The first of them are overtaken.
            for _ in 0..<(40 - number) { await Task.yield() }
            under.withLock { $0.now -= 1 }
            return number * 2
        }
        #expect(answers == (0..<40).map { $0 * 2 })
        #expect(under.withLock { $0.most } <= max(1, width))
    }

    @Test func `a part of a list is taken from its own beginning`() async throws {
        #expect(try await Array(0..<9)[4...].sideBySide(2) { $0 } == [4, 5, 6, 7, 8])
        #expect(try await [Int]().sideBySide(2) { $0 }.isEmpty)
    }

    @Test func `what one throws ends all`() async {
        struct Refused: Error {}
        await #expect(throws: Refused.self) {
            _ = try await Array(0..<10).sideBySide(2) { number in
                if number == 3 { throw Refused() }
                return number
            }
        }
    }
}
