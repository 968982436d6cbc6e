/// A part that is broken on purpose, to prove that the auditor of a scenario notices.
public enum Mutation: String, Sendable, CaseIterable, Hashable {
    /// The database makes events visible in another order than that of their positions, as a sequence does.
    case positionsBeforeCommit
    /// The database acknowledges appends that an outage undoes.
    case acknowledgedBeforeDurable
    /// The database stores a retried append again.
    case retriesStoredAgain
    /// The database checks nothing of an append that names several streams but the first.
    case onlyFirstStreamChecked
    /// The database moves checkpoints and rows without comparing where they were.
    case checkpointWithoutComparison
    /// The database moves checkpoints and rows for whoever asks, whatever their token.
    case checkpointWithoutFence
    /// The database stores rows in one transaction and the checkpoint in another.
    case viewWithoutCheckpoint
    /// The publisher is told that a truncated partition is whole.
    case truncationOverlooked
    /// The topic is told the wrong predecessor after a restart.
    case chainRestarted
    /// Messages count as taken in when they are fetched.
    case offsetsCommittedWhenFetched
    /// The database moves bookmarks for whoever asks, from wherever they are.
    case bookmarksWithoutComparison
    /// The database forgets which named messages were taken in.
    case namesForgotten
    /// The database moves bookmarks and forgets the refused messages of the same step.
    case refusalsForgotten
    /// The cluster acknowledges refused messages that it does not pass on.
    case refusalsUntold

    /// The scenarios whose auditor must notice.
    public var scenarios: [Scenario] {
        switch self {
        case .positionsBeforeCommit, .acknowledgedBeforeDurable, .onlyFirstStreamChecked, .checkpointWithoutComparison,
            .checkpointWithoutFence, .viewWithoutCheckpoint, .truncationOverlooked, .chainRestarted:
            [.publishing]
        case .retriesStoredAgain: [.publishing, .ingest]
        case .offsetsCommittedWhenFetched, .bookmarksWithoutComparison, .namesForgotten, .refusalsForgotten,
            .refusalsUntold:
            [.ingest]
        }
    }
}
