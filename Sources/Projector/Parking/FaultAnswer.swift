import EventSourcing
import ReadModels

/// What becomes of a fault: the one place that decides it.
enum FaultAnswer: Sendable, Hashable {
    /// It goes away by itself: pause, read where the store is, go on.
    case retry
    /// The projection is as good as before for everything but this key: set the key aside.
    case park
    /// Whatever is tried next would fail as well, or must not be tried: stand still, visibly.
    case stop
}

extension StoreError {
    /// A fault of the store is about everything: the log, the database, the rights in it. No key can be blamed for it.
    var answer: FaultAnswer { isTransient ? .retry : .stop }
}

extension ProjectionFault.Reason {
    /// A payload that does not say what it should is the event's own fault, and a row that does not fit shows a mistake of the fold that only
    /// some events bring out: the others flow. A schema that is newer than the program is the program's fault: every event like it will
    /// fail, so parking would set the world aside key by key, while stopping gives the lease up to the newer program, which goes on by itself.
    var answer: FaultAnswer {
        switch self {
        case .payload, .notAnObject, .missingField, .wrongType, .misfitRow: .park
        case .unknownSchema: .stop
        }
    }
}
