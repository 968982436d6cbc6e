/// One thing that is done to one process, or to a service of several.
enum Fault: Hashable, Sendable {
    /// `kill -9`; somebody starts it again.
    case kill(Victim)
    /// SIGSTOP until its lease has run out, then SIGCONT.
    case pause(Victim)
    /// An orderly end; somebody starts it again.
    case restart(Victim)
    /// `pg_ctl stop -m immediate`, then a start.
    case stopPostgres
    /// `kill -9` of the server and of every process of it, then a start.
    case killPostgres
    /// `kill -9` of one session's process: the server ends all others and recovers.
    case killSession
    /// `kill -9`, then a start. The stand-in for Kafka comes back without the records of the last second.
    case killBroker
    /// Publishing is handed over in order, to somebody who finds everything sent, and then the broker is killed.
    case killBrokerAfterHandOver
    /// SIGSTOP for a while, then SIGCONT.
    case pauseBroker

    /// What it is done to; two faults at once never share any of it.
    var targets: Set<Target> {
        switch self {
        case .kill(let victim), .pause(let victim), .restart(let victim): [.role(victim.role)]
        case .stopPostgres, .killPostgres, .killSession: [.postgres]
        case .killBroker, .pauseBroker: [.broker]
        case .killBrokerAfterHandOver: [.broker, .role(.publisher)]
        }
    }

    enum Target: Hashable, Sendable {
        case role(Victim.Role)
        case postgres, broker
    }
}

/// A process of ours, chosen when the time has come.
struct Victim: Hashable, Sendable {
    enum Role: String, CaseIterable, Sendable { case writer, publisher, projector }

    let role: Role
    /// Whoever leads at that moment, or whoever waits; of writers, who have no leader, the first or the second.
    let leads: Bool
}

extension Fault: CustomStringConvertible {
    var description: String {
        switch self {
        case .kill(let victim): "kill \(victim)"
        case .pause(let victim): "pause \(victim)"
        case .restart(let victim): "restart \(victim)"
        case .stopPostgres: "stop PostgreSQL at once"
        case .killPostgres: "kill PostgreSQL"
        case .killSession: "kill a session of PostgreSQL"
        case .killBroker: "kill the broker"
        case .killBrokerAfterHandOver: "hand publishing over and kill the broker"
        case .pauseBroker: "pause the broker"
        }
    }
}

extension Victim: CustomStringConvertible {
    var description: String {
        switch role {
        case .writer: leads ? "the first writer" : "the second writer"
        case .publisher, .projector: "\(leads ? "the leading" : "the waiting") \(role)"
        }
    }
}
