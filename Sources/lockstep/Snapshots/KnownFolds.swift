import EventSourcing
import Logging
import PostgresEventStore
import ReadModels
import WorkflowDomain

extension Snapshots {
    /// The rules whose streams grow long and whose state is far smaller than they are, or far faster to take up: workflows that people edit for
    /// months, and executions with many iterations.
    ///
    /// The state of a conversation remembers every event of it, so that a snapshot would be as long as the stream; the other streams stay short.
    static let folds: [any SnapshotFolding] = [
        SnapshotFold(of: WorkflowDecider.self, samples: FoldSample.registered),
        SnapshotFold(of: ExecutionDecider.self, samples: FoldSample.registered),
    ]

    /// The snapshots beside a log in PostgreSQL. A mismatch is logged here, and stays on record for `lockstep doctor`.
    convenience init(_ store: PostgresEventStore, keys: SubjectKeyring) {
        let logger = Logger(label: "lockstep.snapshots")
        self.init(store, of: Self.folds, keys: keys) { mismatch in
            logger.error(
                "a snapshot is not what its events amount to",
                metadata: [
                    "workspace": "\(mismatch.key.workspace)", "stream": "\(mismatch.key.stream)",
                    "fold": "\(mismatch.key.fold)", "version": "\(mismatch.mark.version)",
                ])
        }
    }
}
