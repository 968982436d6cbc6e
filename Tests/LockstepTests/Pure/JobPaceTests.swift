import EventModel
import EventSourcing
import FoundationEssentials
import Testing

@testable import lockstep

@Suite("How far a job is") struct JobPaceTests {
    private static let start = Timestamp(microseconds: 1_700_000_000_000_000)

    private func job(looked: Int64, of total: Int64?, holder: String? = "web-1", isBegun: Bool = true) -> ReconcilingJob
    {
        var job = ReconcilingJob(
            UUID(), selection: ExecutionSelection(workspace: .default, workflow: "refund"), requestedBy: "ada",
            requestedAt: Self.start, state: isBegun ? .running : .queued)
        job.total = total
        job.startedAt = isBegun ? Self.start : nil
        job.tally.converged = looked
        job.holder = holder
        return job
    }

    private func now(_ seconds: Int) -> Timestamp { Self.start.advanced(by: .seconds(seconds)) }

    @Test func `one that somebody works at says how fast it goes and when it will have ended`() {
        let job = job(looked: 400, of: 1_001)
        #expect(job.place(at: now(2)) == "400 of 1001, 200/s, 4 s left")
        #expect(job.remaining(at: now(2)) == 4)
    }

    @Test(
        arguments: [
            (0, 1_000, "web-1", 2, "0 of 1000"), (400, 1_000, nil, 2, "400 of 1000"),
            (400, 1_000, "web-1", 0, "400 of 1000"),
            (400, 1_000, "web-1", -5, "400 of 1000"), (400, nil, "web-1", 2, "-"),
            (1_200, 1_000, "web-1", 2, "1200 of 1000, 600/s, 0 s left"),
        ] as [(Int64, Int64?, String?, Int, String)])
    func `nothing is said that is not known`(
        _ looked: Int64, _ total: Int64?, _ holder: String?, _ seconds: Int, _ words: String
    ) {
        #expect(job(looked: looked, of: total, holder: holder).place(at: now(seconds)) == words)
    }

    @Test func `of one that nobody works at it is said what to do`() {
        let orphan = job(looked: 400, of: 1_000, holder: nil)
        let words = orphan.sentence(at: now(2))
        #expect(
            words.hasPrefix(
                "job \(orphan.id.text) (workspace default, workflow refund): 400 of 1000; nobody works at it"))
        #expect(words.contains("--resume \(orphan.id.text)") && words.contains("--cancel \(orphan.id.text)"))
        #expect(!job(looked: 400, of: 1_000).sentence(at: now(2)).contains("nobody"))
        #expect(!job(looked: 0, of: nil, holder: nil, isBegun: false).isOrphaned)
    }
}
