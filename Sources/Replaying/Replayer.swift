import EventModel
import EventSourcing

/// Hands selected events of the log to a target once more, in log order.
///
/// It can only read the log and write to the target that it is given: no port of it appends, publishes, leases, moves a checkpoint or
/// fires an effect.
public struct Replayer<Log: ReadableLog, Target: ReplayTarget>: Sendable {
    /// Events that are read at once.
    private static var pageEvents: Int { 5_000 }

    private let log: Log
    private let target: Target
    private let targetName: String
    private let settings: ReplaySettings
    private let time: any Timekeeper
    private let observe: @Sendable (ReplayProgress) -> Void
    private let note: @Sendable (ReplayPace.Wait, RecordedEvent) -> Void

    /// A replay.
    ///
    /// - Parameters:
    ///   - targetName: what people call the target, for sentences about it.
    ///   - observe: told after each batch.
    ///   - note: told of each wait that is shortened, before it begins.
    public init(
        _ log: Log, to target: Target, named targetName: String, _ settings: ReplaySettings,
        time: any Timekeeper = SystemTimekeeper(),
        observe: @escaping @Sendable (ReplayProgress) -> Void = { _ in },
        note: @escaping @Sendable (ReplayPace.Wait, RecordedEvent) -> Void = { _, _ in }
    ) {
        self.log = log
        self.target = target
        self.targetName = targetName
        self.settings = settings
        self.time = time
        self.observe = observe
        self.note = note
    }

    /// Replays up to the end of the range, or until the task is cancelled; then what was handed over is finished, and
    /// ``ReplayProgress/isComplete`` says that something is left.
    ///
    /// - Parameter isResuming: whether what the target holds is gone on with.
    /// - Throws: ``ReplayFault``.
    public func run(resuming isResuming: Bool) async throws(ReplayFault) -> ReplayProgress {
        let (head, range) = try await survey()
        let resumption = try await shielded { () throws(ReplayFault) in try await target.open(resuming: isResuming) }
        for mark in resumption.marks { try await check(mark, from: range.from, head: head) }
        let from = max(range.from, resumption.after.next)
        var progress = ReplayProgress(
            through: range.through, position: GlobalPosition(from.rawValue - 1), events: 0, last: nil,
            shortenedWaits: 0, isResumed: resumption != .nothing)
        do throws(ReplayFault) {
            if !progress.isComplete { try await hand(from, &progress) }
        } catch {
            // What was handed over before the log failed is kept.
            if case .log = error { try await finish() }
            throw error
        }
        try await finish()
        return progress
    }

    private func survey() async throws(ReplayFault) -> (
        head: GlobalPosition, range: (from: GlobalPosition, through: GlobalPosition)
    ) {
        do throws(StoreError) {
            let head = try await log.head().position
            return (head, try await settings.range.positions(in: log, head: head))
        } catch {
            throw .log(error)
        }
    }

    private func finish() async throws(ReplayFault) {
        try await shielded { () throws(ReplayFault) in try await target.finish() }
    }

    /// Hands over what is selected from a position on, until the task is cancelled.
    private func hand(_ from: GlobalPosition, _ progress: inout ReplayProgress) async throws(ReplayFault) {
        var reading = EventReading(log, settings.filter, from: from, through: progress.through)
        reading.pageEvents = Self.pageEvents
        var pages = reading.pages
        var pace = settings.pace
        while !Task.isCancelled {
            let page: SelectedPage?
            do throws(StoreError) { page = try await pages.next() } catch {
                if error == .cancelled { return }
                throw .log(error)
            }
            guard let page else {
                guard !progress.isComplete else { return }
                // A stream may end before the range does.
                return try await write(.init(events: .empty, indices: [], reached: progress.through), &progress)
            }
            guard try await hand(page, &pace, &progress) else { return }
        }
    }

    /// Hands a page over, in as many parts as it has waits.
    ///
    /// - Returns: `false` when the task was cancelled during a wait.
    private func hand(
        _ page: SelectedPage, _ pace: inout ReplayPace, _ progress: inout ReplayProgress
    ) async throws(ReplayFault) -> Bool {
        var begun = page.indices.startIndex
        for (place, index) in page.indices.enumerated() {
            let event = page.events[index]
            let wait = pace.wait(before: event.recordedAt, at: time.steady())
            guard wait.duration > .zero else { continue }
            if begun < place {
                let reached = page.events[page.indices[place - 1]].position
                try await write(
                    .init(events: page.events, indices: page.indices[begun..<place], reached: reached), &progress)
                begun = place
            }
            if wait.shortenedFrom != nil {
                progress.shortenedWaits += 1
                note(wait, event)
            }
            do { try await time.sleep(for: wait.duration) } catch { return false }
        }
        let reached = max(page.reached, progress.position)
        try await write(.init(events: page.events, indices: page.indices[begun...], reached: reached), &progress)
        return true
    }

    private func write(_ batch: ReplayBatch, _ progress: inout ReplayProgress) async throws(ReplayFault) {
        try await shielded { () throws(ReplayFault) in try await target.write(batch) }
        progress.position = batch.reached
        progress.events += batch.indices.count
        if let last = batch.indices.last { progress.last = batch.events[last].position }
        observe(progress)
    }

    /// What the target holds must be what this replay would have written to it.
    private func check(
        _ mark: ReplayMark, from: GlobalPosition, head: GlobalPosition
    ) async throws(ReplayFault) {
        guard mark.position <= head else { throw .ahead(target: targetName, at: mark.position, head: head) }
        let query = EventQuery(after: GlobalPosition(mark.position.rawValue - 1), through: mark.position, limit: 1)
        let found: RecordedEvent?
        do throws(StoreError) { found = try await log.read(query).events.first } catch { throw .log(error) }
        guard let found, found.id == mark.eventID else { throw .otherHistory(target: targetName, at: mark.position) }
        guard settings.filter.matches(found), mark.position >= from else {
            throw .otherSelection(target: targetName, at: mark.position)
        }
    }

    /// What a target has begun is not torn by an interruption.
    private func shielded<R: Sendable>(
        _ work: @escaping @Sendable () async throws(ReplayFault) -> R
    ) async throws(ReplayFault) -> R {
        let outcome = await CancellationShield.run { () -> Result<R, ReplayFault> in
            do throws(ReplayFault) { return .success(try await work()) } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}
