import EventModel
import EventSourcing
import Testing

@testable import Reconciler

@Suite struct NotesToWriteTests {
    private func note(_ name: String, differing: Int = 0) -> ComparisonNote {
        ComparisonNote(
            ExecutionKey(workspace: .default, execution: name), workflow: nil, ends: ComparisonNote.Ends(),
            policy: ContentDigest(of: []), counts: ComparisonNote.Counts(differing: differing),
            lookedAt: Timestamp(microseconds: 1))
    }

    @Test func `of several looks at an execution the last one is noted`() {
        var notes = NotesToWrite()
        _ = notes.add(note("a", differing: 2))
        _ = notes.add(note("a"))
        #expect(notes.take(atMost: 10) == [note("a")])
        #expect(notes.take(atMost: 10).isEmpty)
    }

    @Test func `notes are taken in parts, each once`() {
        var notes = NotesToWrite()
        for number in 0..<1_100 { _ = notes.add(note("run-\(number)")) }
        let parts = (0..<4).map { _ in notes.take(atMost: 500) }
        #expect(parts.map(\.count) == [500, 500, 100, 0])
        #expect(Set(parts.joined().map(\.key)).count == 1_100)
    }

    @Test func `what does not fit is left out, and what is known is brought up to date all the same`() {
        var notes = NotesToWrite()
        let isKept = (0...NotesToWrite.limit).map { notes.add(note("run-\($0)")) }
        #expect(isKept.last == false && isKept.dropLast().allSatisfy { $0 }, "whoever looked is told")
        let isKnown = notes.add(note("run-0", differing: 1))
        #expect(isKnown)
        let all = notes.take(atMost: .max)
        #expect(all.count == NotesToWrite.limit && all.contains(note("run-0", differing: 1)))
    }

    @Test func `what could not be written waits again, less than what was found since`() {
        var notes = NotesToWrite()
        for name in ["a", "b"] { _ = notes.add(note(name)) }
        let taken = notes.take(atMost: 10)
        _ = notes.add(note("a", differing: 1))
        notes.putBack(taken)
        #expect(Set(notes.take(atMost: 10)) == [note("a", differing: 1), note("b")])
    }
}
