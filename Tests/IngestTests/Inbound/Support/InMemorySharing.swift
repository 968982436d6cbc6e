import EventModel
import EventSourcing
import Synchronization

/// Leases and members of one topic in memory; nothing expires unless a test says so.
final class InMemorySharing: LeaseSharing, LeaseStore {
    private struct State {
        var members: Set<String> = []
        var leases: [String: Lease] = [:]
        var tokens: [String: Int64] = [:]
        var isAway = false
    }

    private let state = Mutex(State())

    /// Who holds which lease.
    var holders: [String: String] { state.withLock { $0.leases.mapValues(\.holder) } }
    var members: Set<String> { state.withLock { $0.members } }

    /// Nobody gets an answer.
    func isAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

    /// What happens to a process that is paused for too long: its leases and its membership expire.
    func expire(_ holder: String) {
        state.withLock { state in
            state.members.remove(holder)
            state.leases = state.leases.filter { $0.value.holder != holder }
        }
    }

    func takePart(
        in share: ShareName, as holder: String, parts: [Int32], holding held: [Int32: Lease],
        for duration: Duration
    ) async throws(StoreError) -> ShareSurvey {
        let survey: ShareSurvey? = state.withLock { state in
            guard !state.isAway else { return nil }
            state.members.insert(holder)
            var leases: [Int32: Lease] = [:]
            for part in parts { leases[part] = state.leases[share.lease(of: part)] }
            return ShareSurvey(members: state.members, leases: leases)
        }
        guard let survey else { throw .unavailable(reason: "a test") }
        return survey
    }

    func leave(_ share: ShareName, as holder: String) async throws(StoreError) {
        _ = state.withLock { $0.members.remove(holder) }
    }

    func acquire(_ name: String, holder: String, for duration: Duration) async throws(StoreError) -> LeaseAnswer {
        state.withLock { state in
            if let other = state.leases[name]?.holder, other != holder { return .held(by: other, remaining: duration) }
            state.tokens[name, default: 0] += 1
            let lease = Lease(name: name, holder: holder, token: state.tokens[name] ?? 0)
            state.leases[name] = lease
            return .granted(lease)
        }
    }

    func renew(_ lease: Lease, for duration: Duration) async throws(StoreError) -> Bool {
        state.withLock { $0.leases[lease.name] == lease }
    }

    func release(_ lease: Lease) async throws(StoreError) {
        state.withLock { state in
            if state.leases[lease.name] == lease { state.leases[lease.name] = nil }
        }
    }
}
