import EventSourcing
import Synchronization

/// The partitions of a process, read in several runs side by side: while the log works on what one of them has decided, another decides.
///
/// Messages of one key are in one partition, so they stay in order, and what is said about one thing under several keys is settled as if several
/// processes read it. The first run that ends tells the others to end, each
/// behind what it has in hand: the partitions may be other ones then.
struct InboundReadings<Topic: InboundTopic, Ledger: InboundLedger & InboundCheckpoints>: Sendable {
    private let runs: [InboundRun<Topic, Ledger>]
    private let hasEnded: EndedFlag

    /// Readings of the partitions of these leases, at most `limit` of them.
    ///
    /// - Parameter isCurrent: whether these are still the leases of this process.
    init(
        _ ports: InboundPorts<Topic, Ledger>, of name: InboundTopicName, under leases: [Int32: Lease],
        atMost limit: Int,
        while isCurrent: @escaping @Sendable () -> Bool
    ) {
        let hasEnded = EndedFlag()
        runs = Self.parts(of: leases, atMost: limit).map { part in
            InboundRun(ports, of: name, under: part) { !hasEnded.isSet && isCurrent() }
        }
        self.hasEnded = hasEnded
    }

    /// Partitions in turn, so that each reading has as many as any other, or one more.
    static func parts(of leases: [Int32: Lease], atMost limit: Int) -> [[Int32: Lease]] {
        var parts = [[Int32: Lease]](repeating: [:], count: max(1, min(limit, leases.count)))
        for (place, part) in leases.sorted(by: { $0.key < $1.key }).enumerated() {
            parts[place % parts.count][part.key] = part.value
        }
        return parts
    }

    /// Reads until the first of the readings ends, and the others have ended as well.
    func perform() async throws -> InboundEnd {
        let results = await withTaskGroup(of: Result<InboundEnd, any Error>.self) { group in
            for run in runs {
                group.addTask {
                    defer { hasEnded.set() }
                    do { return .success(try await run.perform()) } catch { return .failure(error) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        return try Self.end(of: results)
    }

    /// What waiting does not help is thrown before what it does.
    static func end(of results: [Result<InboundEnd, any Error>]) throws -> InboundEnd {
        var end = InboundEnd.reassigned
        var trouble: (any Error)?
        for result in results {
            switch result {
            case .success(let other): end = max(end, other)
            case .failure(let error) where error.isInboundTrouble: trouble = trouble ?? error
            case .failure(let error): throw error
            }
        }
        if let trouble { throw trouble }
        return end
    }
}

/// Why a reading of partitions ended; what says more than another is greater.
enum InboundEnd: Sendable, Hashable, Comparable {
    /// This process is to read other partitions.
    case reassigned
    /// Somebody else reads this partition.
    case lost(Int32)
    /// A shutdown was asked for; what was in hand is done.
    case finished
}

extension Error {
    /// Whether waiting helps a reading that has met it.
    var isInboundTrouble: Bool {
        (self as? StoreError)?.isTransient ?? (self as? InboundTopicError)?.isTransient ?? false
    }
}

/// Whether something has ended.
private final class EndedFlag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
}
