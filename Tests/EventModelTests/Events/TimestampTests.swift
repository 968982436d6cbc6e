import EventModel
import EventSourcingTesting
import Testing

@Suite struct `Timestamps` {
    @Test func `every moment is read back from its RFC 3339 text`() {
        var random = SeededGenerator(seed: 3_339)
        let range = UInt64(Timestamp.latest.microseconds - Timestamp.earliest.microseconds)
        for _ in 0..<20_000 {
            let time = Timestamp(microseconds: Timestamp.earliest.microseconds + Int64(random.next() % (range + 1)))
            #expect(time.description.utf8.count == 27)
            #expect(Timestamp(rfc3339: time.description) == time)
        }
    }

    @Test func `texts are ordered as the moments are`() {
        var random = SeededGenerator(seed: 7)
        let times = (0..<2_000).map { _ in
            Timestamp(microseconds: Int64(bitPattern: random.next()) % 253_402_300_799_999_999 / 2)
        }
        .filter { $0 >= .earliest }
        #expect(times.sorted().map(\.description) == times.map(\.description).sorted())
    }

    static let known: [(String, Int64)] = [
        ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999999Z", -1),
        ("2000-02-29T12:00:00.5+01:00", 951_822_000_500_000),
        ("2026-01-01T00:00:00-00:30", 1_767_227_400_000_000), ("0001-01-01T00:00:00Z", Timestamp.earliest.microseconds),
        ("9999-12-31T23:59:59.999999Z", Timestamp.latest.microseconds), ("2026-01-01t00:00:00z", 1_767_225_600_000_000),
        ("2026-01-01 00:00:00Z", 1_767_225_600_000_000),
    ]

    @Test(arguments: known)
    func `known texts are known moments`(_ text: String, _ microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.0000001Z", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+24:00",
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "+026-01-01T00:00:00Z", "２026-01-01T00:00:00Z",
    ])
    func `no other text is a moment`(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(arguments: [(-1, -1), (-1_000, -1), (-1_001, -2), (0, 0), (999, 0), (1_000, 1)] as [(Int64, Int64)])
    func `milliseconds are rounded down, before 1970 too`(_ microseconds: Int64, _ milliseconds: Int64) {
        #expect(Timestamp(microseconds: microseconds).milliseconds == milliseconds)
    }
}
