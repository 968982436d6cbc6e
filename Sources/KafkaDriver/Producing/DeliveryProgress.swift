/// The race between handing a batch over, the broker's answers and whoever waits for them, as a value.
///
/// A batch is complete when it has been handed over and as many messages have been reported as it holds. Both orders
/// happen: the last report may come before the batch is handed over.
struct DeliveryProgress<Waiter: Sendable>: Sendable {
    enum Input: Sendable {
        /// One message was acknowledged or failed.
        case reported
        /// The batch is closed and holds this many messages.
        case handedOver(count: Int)
        /// Someone wants to know the end; the number is theirs alone.
        case awaited(id: Int, Waiter)
        /// That someone was cancelled, perhaps before they began to wait.
        case cancelled(id: Int)
    }

    enum Action: Sendable {
        case none
        /// Every message is accounted for: let the batch go and tell all of these.
        case complete([Waiter])
        /// Only this one: the batch was complete before they asked.
        case tell(Waiter)
        /// Only this one: they were cancelled.
        case release(Waiter)
    }

    private(set) var isComplete = false
    private var reported = 0
    private var count: Int?
    private var waiters: [Int: Waiter] = [:]
    private var cancelledEarly: Set<Int> = []

    mutating func receive(_ input: Input) -> Action {
        switch input {
        case .reported:
            reported += 1
            return completeIfDone()
        case .handedOver(let total):
            guard count == nil else { return .none }
            count = total
            return completeIfDone()
        case .awaited(let id, let waiter): return admit(id, waiter)
        case .cancelled(let id): return dismiss(id)
        }
    }

    private mutating func completeIfDone() -> Action {
        guard !isComplete, reported == count else { return .none }
        isComplete = true
        defer { waiters = [:] }
        return .complete(Array(waiters.values))
    }

    private mutating func admit(_ id: Int, _ waiter: Waiter) -> Action {
        if cancelledEarly.remove(id) != nil { return .release(waiter) }
        if isComplete { return .tell(waiter) }
        waiters[id] = waiter
        return .none
    }

    private mutating func dismiss(_ id: Int) -> Action {
        if let waiter = waiters.removeValue(forKey: id) { return .release(waiter) }
        if !isComplete { cancelledEarly.insert(id) }
        return .none
    }
}
