import Conversion
import EventModel
import EventSourcing
import JourneyDomain
import WorkflowDomain

/// One execution and its conversation as their streams tell them: folded, and laid beside each other by the mapping.
struct DemoWalk: Sendable {
    /// When the conversation came into a state and left it, by the conversation's clock.
    struct Stay: Sendable {
        var entered: String?
        var left: String?
    }

    let execution: String
    let conversion: DemoConversion
    let executed: ExecutionState
    let conversed: SessionState
    /// Every state on the conversation's way, in order; also those that it went through without stopping.
    let walked: [ElementID]
    /// The states in which it stood when a turn ended.
    let stays: [ElementID: Stay]

    /// Reads the streams. Nothing personal is looked at, so sealed ones do as well.
    static func read(
        _ execution: String, session: String, _ conversion: DemoConversion, from store: some EventStore
    ) async throws -> DemoWalk {
        let executed = try await JointHandler(store).state(
            of: try DemoStream.execution(execution), by: ExecutionDecider.self)
        var reading = ConversationReading()
        var query: StreamQuery? = StreamQuery(try DemoStream.conversation(session))
        while let current = query {
            let page = try await store.read(current)
            for event in page.events where event.type.rawValue.hasPrefix(ParlantSessions.category) {
                reading.take(try ParlantSessionEvent(event).fact)
            }
            query = current.next(after: page)
        }
        let index = JourneyPathIndex(conversion.journey)
        return DemoWalk(
            execution: execution, conversion: conversion, executed: executed, conversed: reading.state,
            walked: reading.path(in: conversion.mapping.journeyID).compactMap {
                $0.flatMap(Int.init).flatMap(index.state)
            },
            stays: reading.stays(in: conversion.mapping.journeyID))
    }

    /// The blocks that were visited, containers whose members were among them.
    var visited: Set<ElementID> {
        var blocks: Set<ElementID> = []
        for visit in executed.visits.keys where visit.isOwn {
            blocks.insert(visit.block)
            for frame in visit.frames {
                switch frame {
                case .loop(let container, _), .parallel(let container, _): blocks.insert(container)
                case .child: break
                }
            }
        }
        return blocks
    }

    /// Whether the conversation's way leads over the blocks that were visited. In the root it stands before it has begun.
    var goesTheSameWay: Bool {
        let blocks = conversion.mapping.blocksByState
        let walked = Set(self.walked.compactMap { blocks[$0] })
        return !walked.isEmpty && walked == visited.subtracting([blocks[conversion.journey.root]].compactMap(\.self))
    }

    /// Whether a row of the read models says what the streams amount to.
    func agrees(with pair: SidePair) -> Bool {
        guard let standing = executed.standing else { return false }
        let state = conversed.state(in: pair.journeyID)?.text
        return pair.status == standing.status.rawValue && pair.waitingFor == standing.wait?.kind?.rawValue
            && pair.completed == standing.tally.completed && pair.failed == standing.tally.failed
            && pair.running == standing.tally.running && pair.activity == conversed.activity.rawValue
            && pair.turns == conversed.turnsCompleted && pair.failedTurns == conversed.turnsFailed
            && pair.messages == conversed.messages && pair.state == state && pair.copiedState == state
    }
}

/// Takes up the facts of a conversation's stream in order.
private struct ConversationReading {
    var state = SessionState()
    private var told: [AgentPaths] = []
    /// When events happened, by id.
    private var times: [String: String] = [:]
    /// The event that ended a turn.
    private var ends: [String: String] = [:]
    private var moves: [SessionFact] = []

    mutating func take(_ fact: SessionFact) {
        state.apply(fact)
        switch fact {
        case .reported(let event): times[event.envelope.id] = event.envelope.at
        case .turnCompleted(let turn): ends[turn.turn] = turn.event
        case .pathsReported(let report): told = told.prefix(report.kept) + report.added
        case .stateEntered, .stateLeft: moves.append(fact)
        case .described, .bound, .amended, .renumbered, .turnFailed, .turnCancelled, .rewound, .modeChanged, .closed:
            break
        }
    }

    /// The way through a journey, as the engine told it last.
    func path(in journey: String) -> [String?] { told.last?.paths.first { $0.journey == journey }?.indexes ?? [] }

    func stays(in journey: String) -> [ElementID: DemoWalk.Stay] {
        var stays: [ElementID: DemoWalk.Stay] = [:]
        for move in moves {
            switch move {
            case .stateEntered(let entered) where entered.journey == journey:
                stays[entered.state] = DemoWalk.Stay(entered: time(of: entered.turn))
            case .stateLeft(let left) where left.journey == journey: stays[left.state]?.left = time(of: left.turn)
            default: break
            }
        }
        return stays
    }

    private func time(of turn: String?) -> String? { turn.flatMap { ends[$0] }.flatMap { times[$0] } }
}
