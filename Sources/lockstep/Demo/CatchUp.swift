import EventModel
import EventSourcing
import Operations
import PostgresDriver

/// Runs the publisher, the projectors and the sealer until each has handled everything, which is asked of the database, not of them (L8).
struct CatchUp: Sendable {
    /// The longest time without any progress.
    private static let patience = Duration.seconds(30)
    private static let pause = Duration.milliseconds(50)
    /// What is waited for, by kind.
    private static let names = ["publisher": "the publisher", "projector": "the projection", "sealer": "the sealer"]

    let settings: Deployment
    var time: any Timekeeper = SystemTimekeeper()

    /// - Returns: the end of the log that all of them have reached.
    func run(_ report: DemoReport) async throws -> GlobalPosition {
        try await DemoServing(settings: settings).run { try await waitForAll(report) }
    }

    private func waitForAll(_ report: DemoReport) async throws -> GlobalPosition {
        try await OpenLog.connection(settings.database) { connection in
            var last: [ConsumerStatus] = []
            var movedAt = time.steady()
            while true {
                let all = try await ConsumerStatusQuery.all(on: connection).filter {
                    // The publisher of a topic that was named otherwise once stands still, and is nobody's concern here.
                    Self.names[$0.kind] != nil && ($0.kind != "publisher" || $0.consumer == settings.kafka?.topic)
                }
                let isComplete = Set(all.map(\.kind)).count == Self.names.count && all.allSatisfy { $0.lagEvents == 0 }
                if all.map(\.position) != last.map(\.position) { movedAt = time.steady() }
                last = all
                if isComplete || time.steady() - movedAt > Self.patience {
                    for status in all { show(status, report) }
                    return GlobalPosition(all.map(\.head).max() ?? 0)
                }
                try await time.sleep(for: Self.pause)
            }
        }
    }

    private func show(_ status: ConsumerStatus, _ report: DemoReport) {
        let name = Self.names[status.kind] ?? status.kind
        let subject = status.kind == "projector" ? "\(name) \(status.consumer)" : name
        report.check(
            "\(subject) has handled every event", status.lagEvents == 0,
            status.lastError
                ?? "at position \(status.position) of \(status.head), \(status.eventsHandled) events handled")
    }
}
