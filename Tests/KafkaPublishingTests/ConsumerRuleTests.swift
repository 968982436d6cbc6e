import EventModel
import KafkaPublishing
import Testing

@Suite("Consumer rule")
struct ConsumerRuleTests {
    @Test func `a chain is accepted record by record`() {
        var rule = ConsumerRule()
        rule.begin(3, at: .beginning)
        #expect(rule.accept(partition: 3, previous: GlobalPosition(0), position: GlobalPosition(4)) == .accepted)
        #expect(rule.accept(partition: 3, previous: GlobalPosition(4), position: GlobalPosition(9)) == .accepted)
        #expect(rule.lastAccepted(3) == GlobalPosition(9))
        #expect(rule.lastAccepted(4) == nil)
    }

    @Test(
        arguments: [
            (0, 4, IgnoredReason.repeated), (4, 9, .repeated),
            (12, 15, .hole(missingAfter: GlobalPosition(9), before: GlobalPosition(12))),
            (4, 11, .otherChain(lastAccepted: GlobalPosition(9))), (9, 9, .malformed), (-1, 9, .malformed),
        ] as [(Int64, Int64, IgnoredReason)])
    func `everything else is ignored for a reason`(_ previous: Int64, _ position: Int64, _ reason: IgnoredReason) {
        var rule = PartitionRule(.after(GlobalPosition(9)))
        #expect(rule.accept(previous: GlobalPosition(previous), position: GlobalPosition(position)) == .ignored(reason))
        #expect(rule.last == GlobalPosition(9))
    }

    @Test func `a consumer that starts in the middle takes its first record as given`() {
        var rule = PartitionRule(.anywhere)
        #expect(rule.accept(previous: GlobalPosition(7), position: GlobalPosition(9)) == .accepted)
        #expect(rule.accept(previous: GlobalPosition(9), position: GlobalPosition(12)) == .accepted)
    }

    @Test func `a consumer at the beginning of a partition waits for the first event`() {
        var rule = PartitionRule(.beginning)
        let early = rule.accept(previous: GlobalPosition(7), position: GlobalPosition(9))
        #expect(early == .ignored(.hole(missingAfter: .start, before: GlobalPosition(7))))
        #expect(rule.accept(previous: GlobalPosition(0), position: GlobalPosition(7)) == .accepted)
        #expect(rule.accept(previous: GlobalPosition(7), position: GlobalPosition(9)) == .accepted)
    }
}
