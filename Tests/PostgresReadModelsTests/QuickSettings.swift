import EventSourcing
import Logging
import Projector

extension ProjectorSettings {
    /// Small batches and pauses of some milliseconds: nothing waits longer than it must.
    static func quick(
        holder: String, batch: ClosedRange<Int> = 3...17,
        timing: LeaseTiming = LeaseTiming(retryInterval: .milliseconds(5)), source: ProjectorSource = .log
    ) -> ProjectorSettings {
        ProjectorSettings(
            holder: holder, timing: timing,
            limits: ProjectorLimits(
                smallestBatch: batch.lowerBound, largestBatch: batch.upperBound, pollInterval: .milliseconds(10),
                transientPause: .milliseconds(1)...(.milliseconds(5)),
                stoppedPause: .milliseconds(2)...(.milliseconds(5)), requestPause: .milliseconds(2),
                lookInterval: .milliseconds(50)),
            source: source)
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
