import EventSourcing
import FoundationEssentials
import Testing

@Suite("Resuming a partition") struct PartitionResumptionTests {
    private let generation = UUID()
    private let fresh = UUID()

    private func content(_ number: Int) -> InboundFingerprint { InboundFingerprint(of: [UInt8(number & 255)]) }

    private func bookmark(_ next: Int64, last: Int) -> InboundBookmark {
        InboundBookmark(generation: generation, next: next, last: content(last))
    }

    private func resumption(_ bookmark: InboundBookmark?) -> PartitionResumption {
        PartitionResumption(3, from: bookmark, newGeneration: fresh)
    }

    @Test func `without a bookmark everything is taken from the beginning`() {
        var resumption = resumption(nil)
        #expect(resumption.start == nil && resumption.takeNotices() == [.firstReading(partition: 3)])
        #expect(resumption.meet(0) { content(0) } == .take)
        #expect(resumption.meet(5) { content(5) } == .take)
        #expect(resumption.bookmark.next == 6 && resumption.bookmark.generation == fresh)
        #expect(resumption.takeNotices().isEmpty)
    }

    @Test func `the last message read proves that the partition is the same`() {
        var resumption = resumption(bookmark(7, last: 6))
        #expect(resumption.start == 6)
        #expect(resumption.meet(6) { content(6) } == .pass)
        #expect(resumption.meet(7) { content(7) } == .take)
        #expect(resumption.bookmark.generation == generation && resumption.takeNotices().isEmpty)
    }

    @Test func `another message in its place is another topic`() {
        var resumption = resumption(bookmark(7, last: 6))
        #expect(resumption.meet(6) { content(99) } == .rewind)
        #expect(resumption.bookmark == InboundBookmark(generation: fresh, next: 0, last: nil))
        #expect(resumption.takeNotices() == [.anotherTopic(partition: 3, bookmark: 7)])
        #expect(resumption.meet(0) { content(0) } == .take)
    }

    @Test func `an end before the bookmark is another topic, one at the bookmark is not`() {
        var shorter = resumption(bookmark(7, last: 6))
        #expect(shorter.meetEnd(3) == .rewind)
        var same = resumption(bookmark(7, last: 6))
        #expect(same.meetEnd(7) == .wait && same.takeNotices().isEmpty)
        #expect(same.meet(7) { content(7) } == .take)
    }

    @Test func `when the place does not exist, the beginning tells why`() {
        var removed = resumption(bookmark(7, last: 6))
        #expect(removed.meetNothing() == .rewind && removed.start == nil)
        #expect(removed.meet(9) { content(9) } == .take)
        #expect(removed.takeNotices() == [.missed(partition: 3, from: 7, to: 9)])
        var other = resumption(bookmark(7, last: 6))
        #expect(other.meetNothing() == .rewind)
        #expect(other.meet(0) { content(0) } == .take)
        #expect(other.bookmark == InboundBookmark(generation: fresh, next: 1, last: nil))
        var emptied = resumption(bookmark(7, last: 6))
        #expect(emptied.meetNothing() == .rewind && emptied.meetEnd(7) == .wait && emptied.takeNotices().isEmpty)
        var anew = resumption(bookmark(7, last: 6))
        #expect(anew.meetNothing() == .rewind && anew.meetEnd(0) == .wait)
        #expect(anew.takeNotices() == [.anotherTopic(partition: 3, bookmark: 7)])
    }

    @Test func `messages that come again after a rewind are taken as far as they are new`() {
        var resumption = resumption(bookmark(2, last: 1))
        #expect(resumption.meet(1) { content(1) } == .pass)
        #expect(resumption.meet(2) { content(2) } == .take)
        #expect(resumption.meet(2) { content(2) } == .pass)
        #expect(resumption.meet(1) { content(1) } == .pass)
    }
}
