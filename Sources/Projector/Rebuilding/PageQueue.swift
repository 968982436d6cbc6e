import EventModel
import EventSourcing
import Synchronization

/// What one rebuild still has to read of a ``SharedScan``: a few pages, in order.
///
/// The rebuild opens it once it knows from where it reads, takes pages until there are none, and closes it, at whatever point it ends. The
/// scan waits for the opening, and for room: the rebuild that is slowest sets the pace, and no more than ``capacity`` pages are in memory
/// beside the one that it folds.
final class PageQueue: Sendable {
    /// Pages that wait to be folded, at most.
    static let capacity = 2

    /// What a rebuild reads.
    struct Stretch: Sendable, Hashable {
        /// What is folded already.
        var start: GlobalPosition
        /// The last event that is wanted.
        var end: GlobalPosition
    }

    private struct State {
        var stretch: Stretch?
        var isClosed = false
        var pages: [ScannedPage] = []
        var end: Result<Void, StoreError>?
        /// Who waits on each side.
        var scan: CheckedContinuation<Void, Never>?
        var rebuild: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    init() {}

    private typealias Side = WritableKeyPath<State, CheckedContinuation<Void, Never>?>

    /// Changes the state and wakes the other side.
    private func change(waking side: Side, _ body: (inout State) -> Void) {
        let waiting = state.withLock { state in
            body(&state)
            return state[keyPath: side].take()
        }
        waiting?.resume()
    }

    /// Waits until `isDue`, or until the task is cancelled.
    private func wait(as side: Side & Sendable, until isDue: @Sendable (State) -> Bool) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if Task.isCancelled || isDue(state) { return true }
                    state[keyPath: side] = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0[keyPath: side].take() }?.resume()
        }
    }
}

// MARK: The rebuild

extension PageQueue {
    /// Says what is wanted.
    func open(_ stretch: Stretch) { change(waking: \.scan) { $0.stretch = stretch } }

    /// Nothing more is wanted. What waits is dropped.
    func close() {
        change(waking: \.scan) { state in
            state.isClosed = true
            state.pages = []
        }
    }

    /// The next page; `nil` behind the last one.
    ///
    /// - Throws: ``StoreError`` when the log could not be read, `CancellationError`.
    func next() async throws -> ScannedPage? {
        await wait(as: \.rebuild) { !$0.pages.isEmpty || $0.end != nil }
        try Task.checkCancellation()
        var (page, end): (ScannedPage?, Result<Void, StoreError>?)
        change(waking: \.scan) { state in
            if state.pages.isEmpty { end = state.end } else { page = state.pages.removeFirst() }
        }
        try end?.get()
        return page
    }
}

// MARK: The scan

extension PageQueue {
    /// What is wanted; `nil` when the rebuild has closed the queue, or the task was cancelled.
    func stretch() async -> Stretch? {
        await wait(as: \.scan) { $0.isClosed || $0.stretch != nil }
        return state.withLock { $0.isClosed ? nil : $0.stretch }
    }

    /// Hands on what the rebuild wants of a page, once there is room.
    ///
    /// - Returns: whether it wants what follows.
    func push(_ page: ScannedPage) async -> Bool {
        await wait(as: \.scan) { $0.isClosed || $0.pages.count < Self.capacity }
        var isWanted = false
        change(waking: \.rebuild) { state in
            guard !state.isClosed, let stretch = state.stretch else { return }
            isWanted = (page.events.last?.position ?? .start) < stretch.end
            if let part = page.within(stretch.start, stretch.end) { state.pages.append(part) }
            if !isWanted { state.end = .success(()) }
        }
        return isWanted
    }

    /// No page follows.
    func finish(_ end: Result<Void, StoreError>) {
        change(waking: \.rebuild) { state in
            if state.end == nil { state.end = end }
        }
    }
}
