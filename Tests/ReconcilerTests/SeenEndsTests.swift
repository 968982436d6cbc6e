import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@testable import Reconciler

@Suite struct `What looks have seen` {
    private func key(_ name: String) -> ExecutionKey { ExecutionKey(workspace: .default, execution: name) }

    private func note(_ name: String, workflow: Int64, ledger: Int64?) -> ComparisonNote {
        ComparisonNote(
            key(name), workflow: nil,
            ends: ComparisonNote.Ends(
                workflow: StreamEnd(version: StreamVersion(1), position: GlobalPosition(workflow)),
                ledger: ledger.map { StreamEnd(version: StreamVersion(1), position: GlobalPosition($0)) }),
            policy: ContentDigest(of: [1]), counts: ComparisonNote.Counts(), lookedAt: .earliest)
    }

    private func event(_ category: String, at position: Int64) async throws -> RecordedEvent {
        let store = InMemoryEventStore()
        let streams = Array(repeating: "account-1", count: Int(position) - 1) + ["\(category)-x"]
        for stream in streams {
            _ = try await store.append(
                AppendRequest([.draft()], to: StreamName(trusting: stream), expecting: .any))
        }
        return try #require(try await store.read(EventQuery(limit: 100)).events.last)
    }

    @Test func `is what came no later than the end of the same stream`() async throws {
        var seen = SeenEnds(limit: 8)
        seen.note(note("x", workflow: 5, ledger: nil))
        #expect(seen.hasSeen(try await event("workflow_execution", at: 5), of: key("x")))
        #expect(!seen.hasSeen(try await event("workflow_execution", at: 6), of: key("x")))
        #expect(!seen.hasSeen(try await event("reconciliation", at: 3), of: key("x")), "its end was not known")
        #expect(!seen.hasSeen(try await event("workflow_execution", at: 5), of: key("y")))
        seen.note(note("x", workflow: 5, ledger: 3))
        #expect(seen.hasSeen(try await event("reconciliation", at: 3), of: key("x")))
    }

    @Test func `is remembered of the last executions, and of no more than twice as many`() async throws {
        var seen = SeenEnds(limit: 4)
        for number in 0..<100 {
            seen.note(note("run-\(number)", workflow: 5, ledger: nil))
            #expect(seen.count <= 8)
        }
        let event = try await event("workflow_execution", at: 5)
        for number in 96..<100 { #expect(seen.hasSeen(event, of: key("run-\(number)"))) }
        #expect(!seen.hasSeen(event, of: key("run-0")))
    }
}
