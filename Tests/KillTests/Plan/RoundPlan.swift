import EventSourcingTesting

/// What happens in one round, and when.
struct RoundPlan: Hashable, Sendable {
    /// One fault or two, which overlap.
    let faults: [Planned]
    /// Whether everything has been appended and published before the faults: then nothing but the loss itself can tell that something
    /// was lost.
    let isQuiet: Bool
    /// Whether the read models that are asked about keep a checkpoint for each lane in this round, so that both projectors share them.
    let isByLane: Bool

    struct Planned: Hashable, Sendable {
        let fault: Fault
        /// Appends that are acknowledged in this round before it happens.
        let after: Int
    }

    /// Moments are anywhere in this many acknowledgements.
    static let moments = 20...400

    /// Where projectors read. The topic is read by lane.
    enum Source: String, Sendable { case log, topic }

    /// The plans of a run. Every fault has its turn, in random order, before any comes again, so that a short run is worth something. Where
    /// projectors share lanes, one of them is struck first, as long as there is such a fault.
    static func plans(_ rounds: Int, seed: UInt64, reading source: Source = .log) -> [RoundPlan] {
        var random = SplitMix64(seed: seed)
        var queue: [Fault] = []
        return (0..<rounds).map { round in
            var chosen: [Fault] = []
            let isByLane = source == .topic || round % 4 >= 2
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                if queue.isEmpty { queue = repertoire(source).shuffled(using: &random) }
                let taken = Set(chosen.flatMap(\.targets))
                let free = queue.indices.filter { queue[$0].targets.isDisjoint(with: taken) }
                let sharing = isByLane ? free.first { queue[$0].targets.contains(.role(.projector)) } : nil
                guard let next = sharing ?? free.first else { continue }
                chosen.append(queue.remove(at: next))
            }
            let isQuiet = round % 4 == 3 || chosen.contains(.killBrokerAfterHandOver)
            return RoundPlan(
                faults: chosen.map { Planned(fault: $0, after: Int.random(in: moments, using: &random)) },
                isQuiet: isQuiet, isByLane: isByLane)
        }
    }

    static func repertoire(_ source: Source) -> [Fault] { source == .log ? everything : besideTheTopic }

    /// What can strike those who read the topic, and those on whom they depend: the broker, the publisher, the database.
    private static let besideTheTopic: [Fault] = {
        let projectors = [true, false].map { Victim(role: .projector, leads: $0) }
        let publisher = Victim(role: .publisher, leads: true)
        let others: [Fault] = [
            .pause(projectors[0]), .kill(publisher), .pause(publisher), .killBroker, .killBroker,
            .killBrokerAfterHandOver, .pauseBroker, .killPostgres, .killSession,
        ]
        return projectors.flatMap { [Fault.kill($0), .restart($0)] } + others
    }()

    /// Every fault; the broker dies twice, because every time it forgets what it had acknowledged last.
    private static let everything: [Fault] = {
        let leaders = Victim.Role.allCases.map { Victim(role: $0, leads: true) }
        let others = Victim.Role.allCases.map { Victim(role: $0, leads: false) }
        let services: [Fault] = [
            .stopPostgres, .killPostgres, .killSession, .killBroker, .killBroker,
            .killBrokerAfterHandOver, .pauseBroker,
        ]
        return leaders.flatMap { [Fault.kill($0), .pause($0)] } + others.map { .kill($0) } + services
    }()
}

extension RoundPlan: CustomStringConvertible {
    var description: String {
        let list = faults.map { isQuiet ? "\($0.fault)" : "\($0.fault) after \($0.after) appends" }
        return list.joined(separator: ", ") + (isQuiet ? ", when all is quiet" : "")
            + (isByLane ? ", by lane" : "")
    }
}
