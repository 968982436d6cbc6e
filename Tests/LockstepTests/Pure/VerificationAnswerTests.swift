import EventModel
import EventSourcing
import Testing

@testable import lockstep

@Suite("Progress and digests for people") struct VerificationAnswerTests {
    @Test func `progress says how far, how fast and how long`() {
        let line = ProgressDisplay.line("verifying", 400, of: 1_000, after: .seconds(2))
        #expect(line == "verifying  ████████░░░░░░░░░░░░  40%  400 of 1000 events  200/s  3 s left")
    }

    @Test func `what was done before somebody looked does not count as speed`() {
        let line = ProgressDisplay.line(
            "looking", counting: "execution", 600, of: 1_000, beyond: 400, after: .seconds(2))
        #expect(line.contains("60%  600 of 1000 executions  100/s  4 s left"))
        #expect(!ProgressDisplay.line("looking", 400, of: 1_000, beyond: 400, after: .seconds(2)).contains("/s"))
    }

    @Test(arguments: [(0, 0), (0, 10), (10, 10), (11, 10)] as [(Int64, Int64)])
    func `progress holds at both ends`(_ done: Int64, _ total: Int64) {
        let line = ProgressDisplay.line("verifying", done, of: total, after: .zero)
        #expect(line.contains("\(done) of \(total) events") && !line.contains("left"))
    }

    @Test func `a digest is given back as it was printed`() throws {
        let digest = (0..<32).map { UInt8($0 * 8) }
        let text = KeptDigest.text(GlobalPosition(12), digest)
        #expect(text.hasPrefix("12:000810") && text.count == 67)
        #expect(try KeptDigest.parse(text) == LogDigest(position: GlobalPosition(12), digest: digest))
    }

    @Test(arguments: ["", "12", "12:", "12:ab", "0:" + zeros, "-1:" + zeros, "x:" + zeros, "1:" + zeros + "00"])
    func `a digest that is none is refused with what it should be`(_ text: String) {
        let failure = #expect(throws: Failure.self) { try KeptDigest.parse(text) }
        #expect(failure?.status == .usage && failure?.error.contains("64 hexadecimal") == true)
    }
}

private let zeros = String(repeating: "0", count: 64)
