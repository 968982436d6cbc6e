import EventModel
import EventSourcing

/// An append that somebody wants, and what is known about it. It outlives the process that tries it, as a command in an inbox does.
struct Intent: Sendable {
    enum Fate: Sendable, Equatable {
        case open
        case stored(AppendReceipt)
        case conflict
        case refused(AppendFlaw)
    }

    let number: Int
    let request: AppendRequest
    var fate = Fate.open
    /// Whether some try ended without an answer.
    var wasUnknown = false

    /// Whether a try without answer may still be carried out after another one was told of a conflict: only an expectation that a
    /// stream can come to satisfy.
    var mayHappenLater: Bool {
        wasUnknown
            && request.streams.contains { part in
                switch part.expected {
                case .streamExists, .exactly: true
                case .noStream, .any: false
                }
            }
    }
}
