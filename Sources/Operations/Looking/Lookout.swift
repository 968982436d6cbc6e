import EventModel
import EventSourcing

/// Takes looks for whoever asks, never more than one at a time: those that ask together, or within a moment, see the same one. Nobody waits
/// longer than the deadline, also when the database takes a connection and never answers.
public actor Lookout {
    /// What somebody who asked is told.
    public enum Sight: Sendable {
        /// A look, and when it was taken.
        case seen(OperationsLook, at: Timestamp)
        /// There was none to be had in time.
        case blind(Refusal)
    }

    private struct Waiter {
        let look: Int
        let continuation: CheckedContinuation<Sight, Never>
    }

    private let source: any OperationsSource
    private let limits: OperationsLimits
    private let time: any Timekeeper
    private var last: (sight: Sight, until: Duration)?
    private var underWay: (look: Int, task: Task<Void, Never>, isLate: Bool)?
    private var waiting: [Waiter] = []
    private var looks = 0

    /// A lookout that has not looked yet.
    public init(
        _ source: any OperationsSource, limits: OperationsLimits = OperationsLimits(),
        time: any Timekeeper = SystemTimekeeper()
    ) {
        self.source = source
        self.limits = limits
        self.time = time
    }

    /// What there is to see.
    public func sight() async -> Sight {
        if let last, time.steady() < last.until { return last.sight }
        // One that was given up and has not ended yet: another one beside it would make matters worse.
        if let underWay, underWay.isLate { return .blind(late) }
        if underWay == nil { begin() }
        return await withCheckedContinuation { waiting.append(Waiter(look: looks, continuation: $0)) }
    }

    /// Whether a look is under way, given up or not.
    var isLooking: Bool { underWay != nil }

    private func begin() {
        looks += 1
        let look = looks
        let task = Task { [source, limits, time] in
            // Whoever waits is answered at the deadline, whether or not the look has noticed that it is cancelled.
            let alarm = Task {
                guard (try? await time.sleep(for: limits.deadline)) != nil else { return }
                self.giveUp(look)
            }
            let sight: Sight
            do throws(Refusal) { sight = .seen(try await source.look(), at: time.now()) } catch {
                sight = .blind(error)
            }
            alarm.cancel()
            self.finish(look, sight)
        }
        underWay = (look, task, false)
    }

    private func finish(_ look: Int, _ sight: Sight) {
        guard let ended = underWay, ended.look == look else { return }
        underWay = nil
        // What came too late is not what anybody was told, and is old.
        guard !ended.isLate else { return }
        answer(look, sight)
    }

    private func giveUp(_ look: Int) {
        guard let current = underWay, current.look == look else { return }
        underWay?.isLate = true
        current.task.cancel()
        answer(look, .blind(late))
    }

    private func answer(_ look: Int, _ sight: Sight) {
        last = (sight, time.steady() + limits.freshness)
        let told = waiting.filter { $0.look == look }
        waiting.removeAll { $0.look == look }
        for waiter in told { waiter.continuation.resume(returning: sight) }
    }

    private var late: Refusal {
        Refusal(
            "the database did not answer within \(limits.deadline)",
            todo: "see whether it runs and is reached with `lockstep doctor`")
    }
}
