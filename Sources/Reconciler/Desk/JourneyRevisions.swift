import EventModel
import JourneyDomain
import Reconciliation

/// Which state of a journey comes behind which, in each of its revisions. A fold of the journey's stream for whoever knows a revision by its digest; it
/// decides nothing.
///
/// A revision never changes. So the answer is the same for every process that has one, however the journey was edited since.
enum JourneyRevisions: Decider {
    /// What is known of the revisions.
    struct State: Sendable, Equatable {
        /// By the digest of a revision's content.
        fileprivate(set) var graphs: [ContentDigest: JourneyGraph] = [:]
        fileprivate var present = JourneyGraph([(source: ElementID, target: ElementID)]())
    }

    typealias Command = Never
    typealias Event = JourneyEvent
    typealias Rejection = Never

    static let initialState = State()

    static func evolve(_ state: State, _ event: Event) -> State {
        var state = state
        evolve(&state, by: event)
        return state
    }

    static func evolve(_ state: inout State, by event: Event) {
        switch event {
        case .created(let event): state.define(event.content)
        case .revised(let event): state.define(event.content)
        // The same states under another title, which is part of the digest.
        case .renamed(let event): state.graphs[event.digest] = state.present
        case .archived, .restored, .originalKept: break
        }
    }

    static func decide(_ command: Never, _ state: State) throws(Never) -> [Event] {}
}

extension JourneyRevisions.State {
    fileprivate mutating func define(_ content: JourneyContent) {
        present = JourneyGraph(content.definition.transitions.map { ($0.source, $0.target) })
        graphs[content.digest] = present
    }
}
