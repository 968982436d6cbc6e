import EventModel

/// Leadership of a role or lane, until it expires by the store's clock. The token grows with every change of holder and is compared in
/// the transaction that moves a checkpoint, so a paused holder's next write fails.
public struct Lease: Sendable, Hashable {
    /// What is led, for instance `publisher` or `projector/workflows`.
    public var name: String
    /// Who leads, for people.
    public var holder: String
    /// The fencing token: grows with every grant.
    public var token: Int64

    /// A lease by its parts.
    public init(name: String, holder: String, token: Int64) {
        self.name = name
        self.holder = holder
        self.token = token
    }
}

/// The answer to a request for leadership.
public enum LeaseAnswer: Sendable, Hashable {
    /// Granted, with a token greater than every earlier one of this name.
    case granted(Lease)
    /// Somebody else leads for this much longer unless they renew.
    case held(by: String, remaining: Duration)
}

/// Where leases are kept. Expiry is judged by the store's clock alone.
public protocol LeaseStore: Sendable {
    /// Takes the lease if it is free, expired, or already ours (by `holder`; the token grows also then).
    func acquire(_ name: String, holder: String, for duration: Duration) async throws(StoreError) -> LeaseAnswer
    /// Extends the lease; `false` when it has been lost.
    func renew(_ lease: Lease, for duration: Duration) async throws(StoreError) -> Bool
    /// Gives the lease up, if it is still ours.
    func release(_ lease: Lease) async throws(StoreError)
}
