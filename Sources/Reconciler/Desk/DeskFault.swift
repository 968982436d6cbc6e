import Conversion
import EventModel
import EventSourcing
import JourneyDomain
import Reconciliation

/// Why an execution could not be looked at, or a person's word not taken.
public enum DeskFault: Error, Sendable, Equatable {
    /// The rule of reconciliations refuses it.
    case rejected(ReconciliationDecider.Rejection)
    /// A stream holds an event that this version cannot read.
    case unreadable(ExecutionKey, reason: String)
    /// Others wrote to the streams during every attempt.
    case contended(ExecutionKey, attempts: Int)
    /// The log failed.
    case store(StoreError)

    init(_ error: any Error, at key: ExecutionKey) {
        switch error {
        case let error as StoreError: self = .store(error)
        case let error as JointContention: self = .contended(key, attempts: error.attempts)
        case let error as ReconciliationDecider.Rejection: self = .rejected(error)
        case let error as CommandError<ReconciliationDecider.Rejection>: self.init(refused: error, at: key)
        case let error as CommandError<Never>: self.init(refused: error, at: key)
        case let error as CommandError<MappingDecider.Rejection>: self.init(refused: error, at: key)
        case is CancellationError: self = .store(.cancelled)
        default: self = .unreadable(key, reason: "\(error)")
        }
    }

    // It has a label of its own: without one, a call with a `CommandError` means the initializer for any error, which would call itself for ever.
    private init<Rejection: Error>(refused error: CommandError<Rejection>, at key: ExecutionKey) {
        switch error {
        case .rejected(let rejection):
            self =
                (rejection as? ReconciliationDecider.Rejection).map(DeskFault.rejected)
                ?? .unreadable(key, reason: "\(rejection)")
        case .unreadable: self = .unreadable(key, reason: "\(error)")
        case .contended(_, let attempts): self = .contended(key, attempts: attempts)
        case .store(let error): self = .store(error)
        }
    }

    /// Whether waiting may help.
    public var isTransient: Bool {
        switch self {
        case .store(let error): error.isTransient
        case .contended: true
        case .rejected, .unreadable: false
        }
    }
}

extension DeskFault: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .rejected(let rejection): "\(rejection)"
        case .unreadable(let key, let reason): "execution \(key.execution) cannot be compared: \(reason)"
        case .contended(let key, let attempts):
            "others wrote to execution \(key.execution) during all \(attempts) attempts; try again"
        case .store(let error): error.description
        }
    }
}
