import EventModel
import EventSourcing
import Synchronization

/// Keeps the progress of a rebuild, and tells of each change.
final class RebuildObserver: Sendable {
    private struct State {
        var progress = RebuildProgress()
        var window = RateWindow()
        var began: Duration
    }

    private let state: Mutex<State>
    private let time: any Timekeeper
    private let observe: @Sendable (RebuildProgress) -> Void

    init(time: any Timekeeper, _ observe: @escaping @Sendable (RebuildProgress) -> Void) {
        self.time = time
        self.observe = observe
        state = Mutex(State(began: time.steady()))
    }

    func begin(at position: GlobalPosition, target: GlobalPosition) {
        let now = time.steady()
        change { state in
            state = State(began: now)
            state.progress.position = position
            state.progress.target = target
        }
    }

    func enter(_ phase: RebuildProgress.Phase) {
        change { state in
            state.progress.phase = phase
            state.progress.atWork = nil
        }
    }

    func note(_ notice: LoadNotice) {
        change { state in
            state.progress.events += Int64(notice.events)
            state.progress.bytes += Int64(notice.bytes)
            state.progress.rows += Int64(notice.rows)
            state.progress.parked = notice.parked
            state.progress.position = notice.position
            state.progress.atWork = notice.atWork
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let now = time.steady()
        let progress = state.withLock { state in
            body(&state)
            state.progress.elapsed = now - state.began
            state.window.note(events: state.progress.events, at: state.progress.elapsed)
            state.progress.recentRates = state.window.range
            return state.progress
        }
        observe(progress)
    }
}
