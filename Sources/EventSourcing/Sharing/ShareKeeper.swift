import EventModel
import Synchronization

/// Takes part in a work for as long as it is kept: says that this process lives, and takes and gives parts as a ``LeaseShare`` says.
public final class ShareKeeper<Sharing: LeaseSharing, Leases: LeaseStore>: Sendable {
    private let name: ShareName
    private let sharing: Sharing
    private let leases: Leases
    private let timing: LeaseTiming
    private let time: any Timekeeper
    /// Whether somebody gives the parts out, if they come to do it.
    private let isGiven: Bool
    private let notice: @Sendable (ShareNotice) -> Void
    private let state: Mutex<State>

    /// How often somebody to whom parts are given looks whether others are, while nothing else is to be done.
    private static var alertness: Duration { .milliseconds(100) }
    /// For how many times the duration of a lease a part that is given to another member may be free before it is taken all the same.
    private static var patience: Int { 3 }

    private struct State {
        var share: LeaseShare
        var parts: [Int32]
        /// Grows whenever parts are given out.
        var assignments = 0
    }

    /// A member of a work that holds nothing yet.
    ///
    /// - Parameters:
    ///   - parts: of the work, as far as is known.
    ///   - holder: a name that no other process uses.
    ///   - allotment: who says which parts are whose.
    ///   - notice: is told when this process's parts have changed, and when the store does not answer.
    public init(
        of name: ShareName, parts: [Int32], as holder: String, sharing: Sharing, leases: Leases,
        allotment: LeaseShare.Allotment = .even, timing: LeaseTiming, time: any Timekeeper,
        notice: @escaping @Sendable (ShareNotice) -> Void
    ) {
        self.name = name
        self.sharing = sharing
        self.leases = leases
        self.timing = timing
        self.time = time
        self.notice = notice
        isGiven = allotment != .even
        state = Mutex(State(share: LeaseShare(of: holder, allotment), parts: parts))
    }

    /// What this process does now.
    public var held: [Int32: Lease] { state.withLock(\.share.held) }

    /// Whether who works on these parts may go on; see ``LeaseShare/allows(_:)``.
    public func allows(_ parts: [Int32: Lease]) -> Bool { state.withLock { $0.share.allows(parts) } }

    /// The work has these parts.
    public func found(_ parts: [Int32]) { state.withLock { $0.parts = parts } }

    /// Parts are given out otherwise from now on; see ``LeaseShare/assign(_:)``.
    public func assign(_ allotment: LeaseShare.Allotment) {
        state.withLock {
            $0.share.assign(allotment)
            $0.assignments += 1
        }
    }

    /// Somebody else does a part.
    public func lose(_ part: Int32) { state.withLock { $0.share.lose(part) } }

    /// Keeps taking part until it is cancelled.
    ///
    /// - Throws: cancellation, and what waiting does not help.
    public func keep() async throws {
        var heardAt = time.steady()
        while true {
            try Task.checkCancellation()
            let attempt = time.steady()
            do throws(StoreError) {
                try await lookRound()
                heardAt = attempt
            } catch {
                guard error.isTransient else { throw error }
                notice(.unanswered(error))
                if time.steady() - heardAt > timing.duration { state.withLock { $0.share.loseEverything() } }
            }
            try await rest()
        }
    }

    /// Until it is time to look round again; not longer than until other parts are given.
    private func rest() async throws {
        let (isBalanced, assignments) = state.withLock { ($0.share.isBalanced, $0.assignments) }
        var left = isBalanced ? timing.renewInterval : min(timing.retryInterval, timing.renewInterval)
        guard isGiven else { return try await time.sleep(for: left) }
        while left > .zero, state.withLock({ $0.assignments == assignments }) {
            let slice = min(left, Self.alertness)
            try await time.sleep(for: slice)
            left -= slice
        }
    }

    private func lookRound() async throws(StoreError) {
        let (share, parts) = state.withLock { ($0.share, $0.parts) }
        let survey = try await sharing.takePart(
            in: name, as: share.holder, parts: parts, holding: share.leases, for: timing.duration)
        let before = held
        let wanted = state.withLock {
            $0.share.receive(
                survey, of: $0.parts, at: time.steady(), patience: timing.duration * Self.patience)
        }
        for part in wanted { try await ask(for: part, as: share.holder) }
        let after = held
        guard after != before else { return }
        notice(.changed(parts: after.keys.sorted(), members: survey.members.count))
    }

    private func ask(for part: Int32, as holder: String) async throws(StoreError) {
        let answer = try await leases.acquire(name.lease(of: part), holder: holder, for: timing.duration)
        guard case .granted(let lease) = answer else { return }
        state.withLock { $0.share.receive(lease, of: part) }
    }

    /// Gives back what is not held any more. Nothing may work on it.
    public func giveBack() async {
        for lease in state.withLock({ $0.share.takeLeaving() }) { try? await leases.release(lease) }
    }

    /// Gives everything back and takes part no more, also while shutting down, so that the others need not wait for the expiry.
    public func leave() async {
        await CancellationShield.run { [self] in
            state.withLock { $0.share.giveEverythingBack() }
            await giveBack()
            try? await sharing.leave(name, as: state.withLock(\.share.holder))
        }
    }
}

/// What a member of a work has to tell.
public enum ShareNotice: Sendable {
    /// It does these parts now; so many take part.
    case changed(parts: [Int32], members: Int)
    /// The store did not answer, and is asked again.
    case unanswered(StoreError)
}
