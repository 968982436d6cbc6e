import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Replaying
import Testing

@Suite struct `A replay` {
    private func replay(
        _ log: InMemoryEventStore, to target: NotedTarget, _ settings: ReplaySettings = ReplaySettings(),
        resuming: Bool = false
    ) async throws -> ReplayProgress {
        try await Replayer(
            Readable(base: log), to: target, named: "the target", settings, time: HastyTimekeeper()
        ).run(resuming: resuming)
    }

    @Test func `hands every event over once, in log order, and finishes`() async throws {
        let target = NotedTarget()
        let progress = try await replay(try await ReplayWorld.log(20), to: target)
        #expect(target.positions == Array(1...20))
        #expect(progress.isComplete && progress.events == 20 && progress.last == GlobalPosition(20))
        #expect(target.state.withLock { $0.finished } == 1)
    }

    @Test(
        arguments: [
            (EventFilter(stream: "order-1"), EventRange(), [1, 4, 7, 10]),
            (EventFilter(categories: ReplayWorld.categories("bill")), EventRange(), [3, 6, 9]),
            (
                EventFilter(types: [EventType(trusting: "order.placed")]), EventRange(from: GlobalPosition(5)),
                [5, 7, 8, 10]
            ),
            (EventFilter(), EventRange(through: GlobalPosition(3)), [1, 2, 3]),
            (EventFilter(), EventRange(since: ReplayWorld.moment(9)), [9, 10]),
            (EventFilter(), EventRange(until: ReplayWorld.moment(2)), [1, 2]),
            (
                EventFilter(stream: "order-1"),
                EventRange(
                    from: GlobalPosition(2), since: ReplayWorld.moment(3).advanced(by: .microseconds(1)),
                    until: ReplayWorld.moment(7)), [4, 7]
            ),
            (EventFilter(), EventRange(since: ReplayWorld.moment(99)), []),
            (EventFilter(), EventRange(until: ReplayWorld.moment(0)), []),
            (EventFilter(workspace: try? Workspace("nobody")), EventRange(), []),
        ] as [(EventFilter, EventRange, [Int64])])
    func `selects by stream, category, type, tenant, position and time`(
        _ filter: EventFilter, _ range: EventRange, _ positions: [Int64]
    ) async throws {
        let target = NotedTarget()
        let settings = ReplaySettings(filter: filter, range: range)
        let progress = try await replay(try await ReplayWorld.log(10), to: target, settings)
        #expect(target.positions == positions)
        #expect(progress.isComplete)
    }

    @Test func `resumed behind any event, nothing is missing and nothing there twice`() async throws {
        let log = try await ReplayWorld.log(12)
        let filter = EventFilter(categories: ReplayWorld.categories("order"))
        for event in log.log.read(EventQuery()).events where filter.matches(event) {
            let target = NotedTarget(holding: ReplayMark(position: event.position, eventID: event.id))
            let progress = try await replay(log, to: target, ReplaySettings(filter: filter), resuming: true)
            #expect(target.positions == [1, 2, 4, 5, 7, 8, 10, 11].filter { $0 > event.position.rawValue })
            #expect(progress.isComplete && progress.isResumed)
        }
    }

    @Test func `a target of another history, or ahead of the log, or of another selection is not gone on with`()
        async throws
    {
        let log = try await ReplayWorld.log(6)
        let events = log.log.read(EventQuery()).events
        let other = NotedTarget(holding: ReplayMark(position: GlobalPosition(4), eventID: UUID()))
        await #expect(throws: ReplayFault.otherHistory(target: "the target", at: GlobalPosition(4))) {
            try await replay(log, to: other, resuming: true)
        }
        let ahead = NotedTarget(holding: ReplayMark(position: GlobalPosition(7), eventID: UUID()))
        await #expect(
            throws: ReplayFault.ahead(target: "the target", at: GlobalPosition(7), head: GlobalPosition(6))
        ) { try await replay(log, to: ahead, resuming: true) }
        let bill = NotedTarget(holding: ReplayMark(position: GlobalPosition(3), eventID: events[2].id))
        await #expect(throws: ReplayFault.otherSelection(target: "the target", at: GlobalPosition(3))) {
            try await replay(log, to: bill, ReplaySettings(filter: EventFilter(stream: "order-1")), resuming: true)
        }
        for target in [other, ahead, bill] { #expect(target.state.withLock { $0.batches.isEmpty && $0.finished == 0 }) }
    }

    @Test func `what was handed over before the log failed is finished`() async throws {
        let log = try await ReplayWorld.log(5_200)
        let target = NotedTarget()
        let replayer = Replayer(
            Readable(base: log, brokenAt: GlobalPosition(1)), to: target, named: "the target", ReplaySettings(),
            time: HastyTimekeeper())
        await #expect(throws: ReplayFault.log(.unavailable(reason: "a test"))) {
            try await replayer.run(resuming: false)
        }
        #expect(target.positions == Array(1...5_000))
        #expect(target.state.withLock { $0.finished } == 1)
    }

    @Test func `interrupted, it ends behind a whole batch and says that something is left`() async throws {
        let log = try await ReplayWorld.log(5_200)
        let target = NotedTarget()
        let replayer = Replayer(Cancelled(base: log), to: target, named: "the target", ReplaySettings())
        let work = Task { try await replayer.run(resuming: false) }
        let progress = try await work.value
        #expect(progress.position == GlobalPosition(5_000) && !progress.isComplete)
        #expect(target.positions == Array(1...5_000))
        #expect(target.state.withLock { $0.finished } == 1)
    }

    @Test func `at a pace, what is due is handed over before the next one is waited for`() async throws {
        let log = try await ReplayWorld.log(4)
        let time = ManualTimekeeper()
        let target = NotedTarget()
        let settings = ReplaySettings(pace: ReplayPace(.times(2)))
        let replayer = Replayer(Readable(base: log), to: target, named: "the target", settings, time: time)
        let work = Task { try await replayer.run(resuming: false) }
        for handed in 1...3 {
            await time.waitForSleepers(1)
            #expect(target.positions == Array(1...Int64(handed)))
            #expect(time.nextDeadline == .milliseconds(500 * handed))
            time.advance(by: .milliseconds(500))
        }
        #expect(try await work.value.isComplete)
        #expect(target.state.withLock { $0.batches } == [[1], [2], [3], [4]])
    }

    @Test func `interrupted in a wait, it ends at once with what was due`() async throws {
        let log = try await ReplayWorld.log(4)
        let time = ManualTimekeeper()
        let target = NotedTarget()
        let settings = ReplaySettings(pace: ReplayPace(.realTime))
        let replayer = Replayer(Readable(base: log), to: target, named: "the target", settings, time: time)
        let work = Task { try await replayer.run(resuming: false) }
        await time.waitForSleepers(1)
        work.cancel()
        let progress = try await work.value
        #expect(progress.position == GlobalPosition(1) && !progress.isComplete)
        #expect(target.positions == [1])
        #expect(target.state.withLock { $0.finished } == 1)
    }

    @Test func `an empty log is replayed at once`() async throws {
        let target = NotedTarget()
        let progress = try await replay(InMemoryEventStore(), to: target)
        #expect(progress.isComplete && progress.events == 0 && target.positions == [])
    }
}

/// A log whose reader is cancelled while the second page is read.
private struct Cancelled: ReadableLog {
    let base: InMemoryEventStore

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        guard query.after > .start else { return try await base.read(query) }
        withUnsafeCurrentTask { $0?.cancel() }
        throw .cancelled
    }
    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { try await base.read(query) }
    func head() async throws(StoreError) -> LogHead { try await base.head() }
}
