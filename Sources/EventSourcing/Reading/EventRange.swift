import EventModel

/// A part of the log, by positions and by the times at which its events were recorded.
public struct EventRange: Sendable, Hashable {
    /// The first position.
    public var from: GlobalPosition
    /// The last position; the end of the log when it is not given.
    public var through: GlobalPosition?
    /// Only events recorded at this moment or later.
    public var since: Timestamp?
    /// Only events recorded at this moment or earlier.
    public var until: Timestamp?

    /// The whole log unless said otherwise.
    public init(
        from: GlobalPosition = GlobalPosition(1), through: GlobalPosition? = nil, since: Timestamp? = nil,
        until: Timestamp? = nil
    ) {
        self.from = from
        self.through = through
        self.since = since
        self.until = until
    }

    /// The first and the last position of a log that ends at `head`; the last one lies before the first one when there is none.
    ///
    /// - Throws: ``StoreError``.
    public func positions(in log: some ReadableLog, head: GlobalPosition) async throws(StoreError) -> (
        from: GlobalPosition, through: GlobalPosition
    ) {
        var (from, through) = (from, min(through ?? head, head))
        if let since { from = max(from, try await log.firstPosition(recordedAtOrAfter: since, through: head)) }
        if let until {
            let later = Timestamp(microseconds: until.microseconds + 1)
            let behind = try await log.firstPosition(recordedAtOrAfter: later, through: head)
            through = min(through, GlobalPosition(behind.rawValue - 1))
        }
        return (from, through)
    }
}
