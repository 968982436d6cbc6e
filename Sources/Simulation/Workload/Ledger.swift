import EventModel
import EventSourcing
import EventSourcingTesting
import Synchronization

/// Every append that was ever wanted in a world.
final class Ledger: Sendable {
    private struct State {
        var intents: [Intent] = []
        /// Intents whose process died over them.
        var orphans: [Int] = []
        var owned = 0
    }

    /// How many appends a world wants.
    let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) {
        self.capacity = capacity
    }

    var intents: [Intent] { state.withLock { $0.intents } }
    /// Whether everything that was wanted has been tried to the end.
    var isSettled: Bool {
        state.withLock { $0.intents.count >= capacity && $0.orphans.isEmpty && $0.owned == 0 }
    }

    /// Whether something was left behind.
    var hasOrphans: Bool { state.withLock { !$0.orphans.isEmpty } }

    /// Something to do: first what was left behind, then something new; `nil` when there is nothing.
    func take(_ make: (Int) -> AppendRequest) -> Intent? {
        state.withLock { state in
            if let orphan = state.orphans.popLast() {
                state.owned += 1
                return state.intents[orphan]
            }
            guard state.intents.count < capacity else { return nil }
            let intent = Intent(number: state.intents.count, request: make(state.intents.count))
            state.intents.append(intent)
            state.owned += 1
            return intent
        }
    }

    func settle(_ number: Int, _ fate: Intent.Fate) {
        state.withLock { state in
            state.intents[number].fate = fate
            state.owned -= 1
        }
    }

    func markUnknown(_ number: Int) { state.withLock { $0.intents[number].wasUnknown = true } }

    /// The process is dying: somebody else tries again.
    func abandon(_ number: Int) {
        state.withLock { state in
            state.intents[number].wasUnknown = true
            state.orphans.append(number)
            state.owned -= 1
        }
    }
}
