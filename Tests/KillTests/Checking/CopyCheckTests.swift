import Foundation
import Testing

@Suite("The comparison of the copy") struct CopyCheckTests {
    private static func event(_ stream: String, _ data: String = "{}") -> EventFingerprint {
        EventFingerprint(id: nil, stream: stream, version: 1, type: "order.placed", data: Array(data.utf8))
    }

    private static func record(_ lane: Int32, _ position: Int64, _ event: EventFingerprint) -> TopicFollower.Accepted {
        TopicFollower.Accepted(
            lane: lane, position: position, fingerprint: event,
            key: String(event.stream?.split(separator: "-", maxSplits: 1).last ?? ""))
    }

    private static let (a, b) = (event("order-a"), event("order-b"))

    private static func flaws(_ accepted: [TopicFollower.Accepted]) -> Int {
        var check = CopyCheck()
        check.take(accepted)
        check.compare(1, a)
        check.compare(2, b)
        check.finish()
        return check.flaws.count
    }

    @Test func `a faithful copy has no flaw, in whatever order its lanes come`() {
        #expect(Self.flaws([Self.record(1, 2, Self.b), Self.record(0, 1, Self.a)]) == 0)
    }

    @Test(arguments: [
        [record(0, 1, a)], [record(0, 2, b), record(0, 1, a)], [record(0, 1, a), record(1, 2, b), record(1, 2, b)],
        [record(0, 1, a), record(1, 2, event("order-b", "[]"))], [record(0, 1, a), record(1, 2, b), record(1, 3, b)],
        [record(0, 1, a), record(1, 2, a)],
    ])
    func `a record that is missing, late, repeated, altered, invented or misplaced is a flaw`(
        _ accepted: [TopicFollower.Accepted]
    ) {
        #expect(Self.flaws(accepted) > 0)
    }
}
