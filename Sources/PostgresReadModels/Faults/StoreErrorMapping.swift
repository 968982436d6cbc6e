import EventModel
import EventSourcing
import PostgresDriver

extension StoreError {
    /// What a driver's error means for a read model. Faults are told apart by kind and SQLSTATE, never by their text.
    init(_ error: PostgresError) {
        switch error.kind {
        case .unknownOutcome: self = .unknownOutcome(reason: error.description)
        case .cancelled: self = .cancelled
        case .connectionLost, .poolExhausted: self = .unavailable(reason: error.description)
        case .connectionFailed:
            // A wrong password or a missing database is worth another try only after somebody has done something.
            self = error.isRetriable ? .unavailable(reason: error.description) : .failed(reason: error.description)
        case .server(let state):
            self = state.isTransient ? .unavailable(reason: error.description) : .failed(reason: error.description)
        case .transactionRolledBack, .pipelineAborted: self = .unavailable(reason: error.description)
        case .closed: self = .cancelled
        case .invalidConfiguration, .unexpectedType, .unexpectedNull, .limitExceeded, .invalidUse:
            self = .failed(reason: error.description)
        }
    }

    /// Any error of a call to the database, or of reading what it has answered.
    init(any error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as PostgresError: self.init(error)
        case is CancellationError: self = .cancelled
        default: self = .failed(reason: "\(type(of: error))")
        }
    }
}

extension SQLState {
    /// Raised by `lockstep_read.advance`: a newer token is in force; the detail is the token.
    static let fenced = SQLState(rawValue: "LSF01")
    /// Raised by `lockstep_read.advance`: the checkpoint is elsewhere; the detail is where.
    static let moved = SQLState(rawValue: "LSM01")

    /// Whether the same statement may succeed later without anybody's changing program or rows: what the driver calls retriable, and
    /// lack of resources (class 53: disk, memory, connections), an operator's intervention (57: cancelled, shut down), a standby that
    /// is about to be promoted.
    var isTransient: Bool {
        isRetriable || conditionClass == "53" || conditionClass == "57" || self == .readOnlyTransaction
    }

    /// Whether the values of a row are the cause: data exceptions (22), integrity constraints (23), and limits of the program such as
    /// the size of an index entry (54). Another batch without that row succeeds.
    var blamesTheRow: Bool {
        conditionClass == "22" || conditionClass == "23" || conditionClass == "54"
    }
}

/// A checkpoint that refused to move.
struct CheckpointRefusal {
    let answer: AdvanceAnswer

    /// - Returns: `nil` when the error is about something else.
    init?(_ error: PostgresError) {
        let value = error.detail.flatMap(Int64.init) ?? 0
        switch error.sqlState {
        case .fenced: answer = .fenced(current: value)
        case .moved: answer = .moved(actual: GlobalPosition(value))
        default: return nil
        }
    }
}
