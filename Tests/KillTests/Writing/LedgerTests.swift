import Foundation
import Testing

@Suite("The ledger of a writer") struct LedgerTests {
    private static func line(_ version: Int64?) -> Ledger.Line {
        Ledger.Line(id: UUID(), stream: "order-1", version: version, text: "{}")
    }

    @Test func `answers belong to lines in order, and what has none stays`() {
        var ledger = Ledger()
        let lines = [Self.line(1), Self.line(2), Self.line(3)]
        for line in lines { ledger.add(line) }
        ledger.answer(.stored(position: 10, version: 1, isRepeat: false))
        ledger.answer(.stored(position: 12, version: 2, isRepeat: true))
        #expect(ledger.acknowledged.map(\.id) == lines.prefix(2).map(\.id))
        #expect(ledger.acknowledged.map(\.position) == [10, 12])
        #expect(ledger.unanswered.map(\.id) == [lines[2].id])
        #expect(ledger.repeated == 1)
        #expect(ledger.flaws.isEmpty)
    }

    @Test func `another version, another answer and an answer too many are flaws`() {
        var ledger = Ledger()
        ledger.add(Self.line(1))
        ledger.answer(.stored(position: 1, version: 2, isRepeat: false))
        ledger.add(Self.line(nil))
        ledger.answer(.other("conflict"))
        ledger.answer(.stored(position: 2, version: 3, isRepeat: false))
        #expect(ledger.flaws.count == 3)
        #expect(ledger.acknowledged.count == 1)
    }
}
