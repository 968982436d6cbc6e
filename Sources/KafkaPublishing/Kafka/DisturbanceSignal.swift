import KafkaDriver
import Synchronization

/// Tells one waiter, once, that the session cannot go on.
///
/// A lost connection matters once the session has reached the cluster: the broker may come back with fewer records, also with fewer
/// of those that an earlier session sent, and while nothing is appended no offset would tell. Before that a connection has not been
/// lost but not been made, and a cluster whose first address does not answer would otherwise never be published to. What is missed here
/// is found by the offset of the next acknowledgement.
final class DisturbanceSignal: Sendable {
    private struct State {
        var isArmed = false
        var fired: Disturbance?
        var waiter: CheckedContinuation<Disturbance, Never>?
    }

    private let state = Mutex(State())

    /// From now on a lost connection is a disturbance.
    func arm() { state.withLock { $0.isArmed = true } }

    /// Called by librdkafka's thread for failures of the client as a whole.
    func receive(_ error: KafkaError) {
        let isConnection = error.code == .transport || error.code == .allBrokersDown
        guard error.isFatal || (isConnection && state.withLock { $0.isArmed }) else { return }
        fire(.disconnected(reason: error.description))
    }

    func fire(_ disturbance: Disturbance) {
        let waiter = state.withLock { state -> CheckedContinuation<Disturbance, Never>? in
            guard state.fired == nil else { return nil }
            state.fired = disturbance
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: disturbance)
    }

    /// Waits for the first disturbance; one waiter at a time. Cancellation ends the wait, and the signal, as abandoned.
    func wait() async -> Disturbance {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let fired = state.withLock { state -> Disturbance? in
                    if state.fired == nil { state.waiter = continuation }
                    return state.fired
                }
                if let fired { continuation.resume(returning: fired) }
            }
        } onCancel: {
            fire(.abandoned)
        }
    }
}
