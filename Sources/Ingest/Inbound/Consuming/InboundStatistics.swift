import EventSourcing
import Synchronization

/// What a consumer has done since it was made.
public struct InboundStatistics: Sendable, Hashable {
    /// Messages whose bookmark has moved.
    public var messages: Int64 = 0
    /// Events that they became.
    public var events: Int64 = 0
    /// Messages that said nothing new.
    public var withoutNews: Int64 = 0
    /// Messages that were refused, as a whole or in part, by the code of the reason.
    public var rejected: [InboundRejection.Code: Int64] = [:]

    /// Nothing yet.
    public init() {}

    /// Counts verdicts.
    public mutating func add(_ verdicts: [InboundVerdict]) {
        for verdict in verdicts {
            messages += 1
            events += Int64(verdict.events)
            switch verdict.outcome {
            case .appended: break
            case .noNews: withoutNews += 1
            case .rejected(let rejection): rejected[rejection.code, default: 0] += 1
            }
        }
    }
}

/// Statistics that tasks share.
final class InboundTally: Sendable {
    private let statistics = Mutex(InboundStatistics())

    var snapshot: InboundStatistics { statistics.withLock { $0 } }

    func add(_ verdicts: [InboundVerdict]) { statistics.withLock { $0.add(verdicts) } }
}
