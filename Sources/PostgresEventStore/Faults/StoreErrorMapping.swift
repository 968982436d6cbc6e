import EventSourcing
import PostgresDriver

extension StoreError {
    /// What a driver's error means for the log. Faults are told apart by kind and SQLSTATE, never by their text.
    init(_ error: PostgresError) {
        switch error.kind {
        case .unknownOutcome: self = .unknownOutcome(reason: error.description)
        case .cancelled: self = .cancelled
        case .connectionFailed, .connectionLost, .poolExhausted, .closed: self = .unavailable(reason: error.description)
        case .server(let state) where state == .undefinedTable || state == .invalidSchemaName:
            self = .schemaMismatch(found: 0, needed: Migrator.currentVersion)
        case .server where error.isRetriable: self = .unavailable(reason: error.description)
        case .server, .invalidConfiguration, .unexpectedType, .unexpectedNull, .limitExceeded, .invalidUse,
            .transactionRolledBack, .pipelineAborted:
            self = .failed(reason: error.description)
        }
    }

    /// Any error of this module's own calls.
    init(any error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as PostgresError: self.init(error)
        case is CancellationError: self = .cancelled
        default: self = .failed(reason: "\(error)")
        }
    }
}

extension SQLState {
    /// The schema that a statement names does not exist: nothing has been migrated yet.
    static let invalidSchemaName = SQLState(rawValue: "3F000")
    /// `lockstep.refuse_change`: somebody tried to change an event.
    static let eventsAreImmutable = SQLState(rawValue: "LS001")
}
