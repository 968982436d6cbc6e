import EventModel
import StandInDoor

/// A little Parlant: agents, journeys and sessions, as a value. Time is input; the same orders at the same times lead to the same state, which is how it comes
/// back after it was killed.
struct StandIn: Sendable {
    /// How it talks.
    struct Settings: Sendable, Equatable {
        /// How long a turn takes.
        var turnDelay: Duration = .zero
        /// The agents that are there from the start.
        var agents: [String] = ["agent"]
    }

    /// The most sessions, the most events of one session, and the most journeys.
    static let sessionLimit = 100_000
    static let eventLimit = 100_000
    static let journeyLimit = 10_000

    let settings: Settings
    /// What tells the ids of this server from those of others.
    let life: String
    var agents: [String: String]
    var journeys: [String: KeptJourney] = [:]
    var sessions: [String: Conversation] = [:]
    private(set) var now = Timestamp(microseconds: 0)
    /// The sessions with a turn under way, and when that ends.
    private var turns: [String: Timestamp] = [:]
    private var issued = 0

    init(_ settings: Settings = Settings(), life: String = "life") {
        self.settings = settings
        self.life = life
        agents = Dictionary(settings.agents.map { ($0, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The same server under another name: its ids are others.
    func renamed(_ life: String) -> StandIn { StandIn(settings, life: life) }

    /// When something happens next by itself.
    var due: Timestamp? { turns.values.min() }

    /// Takes an order at `moment`, after all that was due by then.
    mutating func receive(_ order: Order, at moment: Timestamp) -> Reply {
        pass(until: moment)
        let reply = carryOut(order)
        pass(until: now)
        return reply
    }

    /// Time passes.
    mutating func pass(until moment: Timestamp) {
        while let next = turns.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }), next.value <= max(now, moment) {
            now = max(now, next.value)
            turns[next.key] = nil
            if var session = sessions[next.key], let turn = session.turn {
                session.end(turn, journeys, at: now)
                sessions[next.key] = session
            }
        }
        now = max(now, moment)
    }

    /// An id that was never given.
    mutating func newID() -> String {
        issued += 1
        return String(Mark.of([life, "\(issued)"]).prefix(12))
    }

    /// A trace that was never given: 32 hexadecimal digits.
    mutating func newTrace() -> String {
        let id = newID()
        return Mark.of([id, "trace"]) + Mark.of(["trace", id])
    }

    /// A turn of a session begins.
    mutating func begin(_ outcome: Conversation.Outcome, in session: inout Conversation, trace: String) {
        let turn = Conversation.Turn(trace: trace, due: now.advanced(by: settings.turnDelay), outcome: outcome)
        session.begin(turn, at: now)
        turns[session.id] = turn.due
    }

    /// A session is over.
    mutating func remove(_ session: String) {
        sessions[session] = nil
        turns[session] = nil
    }
}
