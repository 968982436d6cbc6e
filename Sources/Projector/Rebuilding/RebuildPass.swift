import EventModel
import EventSourcing
import ReadModels

/// Several read models made anew in one pass over the log.
///
/// The log is read, and its completeness digest worked out, once; everything else each rebuild has for itself: lease, generation, checkpoint,
/// segments and report. One that fails or is interrupted stops nothing but itself, and goes on later alone or in another company.
public struct RebuildPass<Log: EventStore, Views: ProjectionStore & GenerationStore, Leases: LeaseStore>: Sendable {
    private let rebuilds: [Rebuild<Log, Views, Leases>]
    private let log: Log

    /// A pass over a log.
    public init(_ rebuilds: [Rebuild<Log, Views, Leases>], over log: Log) {
        self.rebuilds = rebuilds
        self.log = log
    }

    /// Builds all generations; see ``Rebuild/build()``.
    ///
    /// - Returns: in the order of the rebuilds, its report, or what has stopped it.
    public func build() async -> [Result<RebuildReport, any Error>] {
        let lanes = rebuilds.first?.settings.lanes ?? Lane.defaultCount
        return await SharedScan.feeding(rebuilds.count, from: log, lanes: lanes) { queues in
            await withTaskGroup(of: (Int, Result<RebuildReport, any Error>).self) { group in
                for (index, (rebuild, pages)) in zip(rebuilds, queues).enumerated() {
                    group.addTask {
                        do { return (index, .success(try await rebuild.build(reading: pages))) } catch {
                            return (index, .failure(error))
                        }
                    }
                }
                var results: [Int: Result<RebuildReport, any Error>] = [:]
                for await (index, result) in group { results[index] = result }
                return rebuilds.indices.compactMap { results[$0] }
            }
        }
    }
}
