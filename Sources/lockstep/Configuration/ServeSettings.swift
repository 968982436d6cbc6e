import EventSourcing
import FoundationEssentials
import KafkaPublishing
import Logging
import Projector

/// What one process of `serve` does.
struct ServeSettings: Sendable {
    /// The parts of the work (`serve.roles`, `--roles`).
    var roles: [Role]
    /// Under which name this process takes leases (`serve.holder`); unique for every process.
    var holder: String
    /// How long a dead leader blocks its successor, in seconds (`serve.lease.seconds`).
    var leaseSeconds: Int
    /// How long a shutdown may take to finish the work in hand, in seconds (`serve.drain.seconds`). Keep it below the pod's grace period.
    var drainSeconds: Int

    static let leaseRange = 2...300
    static let drainRange = 1...600

    init(_ source: SettingsSource, roles: String?) throws(Failure) {
        let names = roles.map { $0.split(separator: ",").map(String.init) } ?? source.list("serve.roles")
        self.roles = try Role.parse(
            names, hasParlant: source.text("parlant.url") != nil, hasSim: source.text("sim.url") != nil)
        let random = UInt32(truncatingIfNeeded: SystemRandomSource().next())
        holder =
            source.text("serve.holder")
            ?? "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)-\(String(random, radix: 16))"
        leaseSeconds = try Self.leaseSeconds(source)
        drainSeconds = try source.number("serve.drain.seconds", in: Self.drainRange) ?? 20
    }

    static func leaseSeconds(_ source: SettingsSource) throws(Failure) -> Int {
        try source.number("serve.lease.seconds", in: leaseRange) ?? 10
    }

    var leaseTiming: LeaseTiming { LeaseTiming(seconds: leaseSeconds) }
}

extension LeaseTiming {
    /// A lease of so many seconds, renewed three times in it.
    init(seconds leaseSeconds: Int) {
        self.init(
            duration: .seconds(leaseSeconds), renewInterval: .milliseconds(leaseSeconds * 300),
            retryInterval: .milliseconds(min(1_000, leaseSeconds * 100)))
    }
}

/// A part of the work that a process can take on.
enum Role: String, CaseIterable, Sendable {
    /// Copies the log to Kafka.
    case publisher
    /// Writes the latest state of every execution to Kafka.
    case state
    /// Folds the log into read models.
    case projector
    /// Takes in what anybody writes to the inbound topic.
    case ingest
    /// Records running digests of the log, by which alterations are found.
    case sealer
    /// Brings the two sides of executions together.
    case reconciler
    /// Follows the conversations of a Parlant server into the log.
    case parlant

    /// Whether it works with a broker.
    var needsKafka: Bool {
        switch self {
        case .publisher, .state, .ingest: true
        case .projector, .sealer, .reconciler, .parlant: false
        }
    }

    /// Every role when none is named; a Parlant server is followed when there is one, and executions are reconciled when both engines can be told something.
    static func parse(_ names: [String]?, hasParlant: Bool, hasSim: Bool) throws(Failure) -> [Role] {
        guard let names, !names.isEmpty else {
            return allCases.filter { role in
                switch role {
                case .parlant: hasParlant
                case .reconciler: hasParlant && hasSim
                case .publisher, .state, .projector, .ingest, .sealer: true
                }
            }
        }
        var roles: [Role] = []
        for name in names {
            let name = name.filter { !$0.isWhitespace }
            guard let role = Role(rawValue: name) else {
                throw Failure(
                    .usage, "there is no role \"\(Table.printable(name))\"",
                    hint: "choose from \(allCases.map(\.rawValue).joined(separator: ", "))")
            }
            if !roles.contains(role) { roles.append(role) }
        }
        return roles
    }
}
