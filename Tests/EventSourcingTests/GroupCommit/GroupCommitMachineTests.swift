import EventModel
import EventSourcingTesting
import Testing

@testable import EventSourcing

@Suite struct `Group commit, as a value` {
    typealias Machine = GroupCommitMachine<Int>

    private func append(_ streams: StreamName..., events: [EventDraft]? = nil) throws -> CheckedAppend {
        try CheckedAppend(
            AppendRequest(streams: streams.map { StreamAppend(events ?? [.draft()], to: $0, expecting: .any) }))
    }

    private func tickets(_ work: Machine.Work) -> [Int]? {
        guard case .commit(let batch) = work else { return nil }
        return batch.map(\.ticket)
    }

    @Test func `requests for different streams go into one commit, in the order of their arrival`() throws {
        var machine = Machine(limits: GroupCommitLimits())
        for ticket in 0..<5 { #expect(machine.submit(try append(StreamName("a-\(ticket)")), as: ticket) == .queued) }
        #expect(tickets(machine.next()) == [0, 1, 2, 3, 4])
        #expect(machine.waitingCount == 0 && machine.waitingBytes == 0)
    }

    @Test func `requests for one stream go one per commit and are never reordered`() throws {
        var machine = Machine(limits: GroupCommitLimits())
        for ticket in 0..<3 { _ = machine.submit(try append("a-1"), as: ticket) }
        _ = machine.submit(try append("a-2"), as: 3)
        #expect(tickets(machine.next()) == [0, 3])
        #expect(tickets(machine.next()) == [1])
        #expect(tickets(machine.next()) == [2])
    }

    @Test func `a request that is left out holds all its streams back`() throws {
        var machine = Machine(limits: GroupCommitLimits())
        _ = machine.submit(try append("a-1"), as: 0)
        _ = machine.submit(try append("a-1", "a-2"), as: 1)
        _ = machine.submit(try append("a-2"), as: 2)
        _ = machine.submit(try append("a-3"), as: 3)
        #expect(tickets(machine.next()) == [0, 3])
        #expect(tickets(machine.next()) == [1])
        #expect(tickets(machine.next()) == [2])
    }

    @Test func `a request that checks a stream does not share a commit with one that writes it`() throws {
        var machine = Machine(limits: GroupCommitLimits())
        let checking = try CheckedAppend(
            AppendRequest(
                streams: [StreamAppend([.draft()], to: "a-2", expecting: .any)],
                checks: [StreamCheck("a-1", expecting: .noStream)]))
        _ = machine.submit(try append("a-1"), as: 0)
        _ = machine.submit(checking, as: 1)
        _ = machine.submit(try append("a-1"), as: 2)
        #expect(tickets(machine.next()) == [0])
        #expect(tickets(machine.next()) == [1])
        #expect(tickets(machine.next()) == [2])
    }

    @Test func `two tries of one event never share a commit`() throws {
        var machine = Machine(limits: GroupCommitLimits())
        let event = [EventDraft.draft()]
        _ = machine.submit(try append("a-1", events: event), as: 0)
        _ = machine.submit(try append("a-2", events: event), as: 1)
        #expect(tickets(machine.next()) == [0])
        #expect(tickets(machine.next()) == [1])
    }

    @Test func `a commit ends at its events, and one larger append goes alone`() throws {
        var machine = Machine(limits: GroupCommitLimits(commitEvents: 4))
        for ticket in 0..<3 {
            _ = machine.submit(try append(StreamName("a-\(ticket)"), events: EventDraft.drafts(2)), as: ticket)
        }
        _ = machine.submit(try append("a-9", events: EventDraft.drafts(9)), as: 9)
        #expect(tickets(machine.next()) == [0, 1])
        #expect(tickets(machine.next()) == [2])
        #expect(tickets(machine.next()) == [9])
    }

    @Test func `a hot stream does not make a commit look at the whole queue`() throws {
        var machine = Machine(limits: GroupCommitLimits(deferredAppends: 2))
        for ticket in 0..<4 { _ = machine.submit(try append("a-1"), as: ticket) }
        _ = machine.submit(try append("a-2"), as: 4)
        #expect(tickets(machine.next()) == [0])
        #expect(tickets(machine.next()) == [1, 4] || machine.waitingCount == 3)
    }

    @Test func `a full queue answers at once, by count and by bytes, but a lone request is always let in`() throws {
        var machine = Machine(limits: GroupCommitLimits(waitingAppends: 2, waitingBytes: 1))
        #expect(machine.submit(try append("a-1"), as: 0) == .queued)
        #expect(machine.submit(try append("a-2"), as: 1) == .overloaded(waiting: 1, limit: 2))
        machine = Machine(limits: GroupCommitLimits(waitingAppends: 2))
        _ = machine.submit(try append("a-1"), as: 0)
        _ = machine.submit(try append("a-2"), as: 1)
        #expect(machine.submit(try append("a-3"), as: 2) == .overloaded(waiting: 2, limit: 2))
    }

    @Test func `a waiting request can be taken out, one under way cannot`() throws {
        var machine = Machine(limits: GroupCommitLimits())
        _ = machine.submit(try append("a-1"), as: 0)
        _ = machine.submit(try append("a-1"), as: 1)
        #expect(tickets(machine.next()) == [0])
        let (isUnderWayTaken, isWaitingTaken) = (machine.cancel(0), machine.cancel(1))
        #expect(!isUnderWayTaken && isWaitingTaken)
        #expect(machine.waitingCount == 0 && machine.waitingBytes == 0)
    }

    @Test func `a sleeping writer is woken once`() throws {
        var machine = Machine(limits: GroupCommitLimits())
        guard case .sleep = machine.next() else { throw CancellationError() }
        #expect(!machine.hasWorkForWriter)
        #expect(machine.submit(try append("a-1"), as: 0) == .wakeWriter)
        #expect(machine.hasWorkForWriter)
        #expect(machine.submit(try append("a-2"), as: 1) == .queued)
    }

    @Test func `after closing, what waits is committed and nothing more is taken`() throws {
        var machine = Machine(limits: GroupCommitLimits())
        _ = machine.submit(try append("a-1"), as: 0)
        let mustWakeWriter = machine.close()
        #expect(!mustWakeWriter)
        #expect(machine.submit(try append("a-2"), as: 1) == .closed)
        #expect(tickets(machine.next()) == [0])
        guard case .finish = machine.next() else { throw CancellationError() }
    }
}
