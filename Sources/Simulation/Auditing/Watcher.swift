import EventSourcing

/// Looks on for a scenario while the server works. It is called behind each transaction, when nothing else happens.
protocol Watcher: Sendable {
    /// Appends were committed.
    func committed(in database: SimulatedDatabase)
    /// Bookmarks of the inbound topic were moved.
    func moved(_ moves: [InboundMove], in database: SimulatedDatabase)
    /// Keys of a subject were destroyed, now or before.
    func destroyed(_ keys: [StoredSubjectKey], in database: SimulatedDatabase)
}

extension Watcher {
    func committed(in database: SimulatedDatabase) {}
    func moved(_ moves: [InboundMove], in database: SimulatedDatabase) {}
    func destroyed(_ keys: [StoredSubjectKey], in database: SimulatedDatabase) {}
}
