import Conversion
import EventModel
import EventSourcing
import Ingest
import JourneyDomain
import PostgresEventStore
import WorkflowDomain

/// Takes in the recordings as `lockstep ingest` would, and everything once more.
struct DemoIngest: Sendable {
    let recordings: [DemoRecording]
    let conversions: [DemoConversion]
    /// The log, and what remembers named messages.
    let log: SealedLog
    let ledger: PostgresEventStore
    var time: any Timekeeper = SystemTimekeeper()

    func run(_ report: DemoReport) async throws {
        let before = try await log.head().position
        let first = try await takeIn()
        let between = try await log.head().position
        let isNew = before < between
        report.check(
            "\(recordings.count) executions and \(recordings.count) conversations are in the log, as Sim and Parlant told them",
            first.flaw == nil && (isNew ? first.events > 0 : first.events == 0),
            first.flaw
                ?? (isNew
                    ? "\(first.messages) payloads became \(first.events) events; what came twice, and what came out of order, included"
                    : "an earlier run has taken in the \(first.messages) payloads"))
        let again = try await takeIn()
        let after = try await log.head().position
        report.check(
            "taking all of them in again appends nothing",
            again.flaw == nil && again.events == 0 && between == after,
            again.flaw
                ?? "\(again.withoutNews) of \(again.messages) payloads say nothing new, the log ends at position \(after) as before"
        )
    }

    private struct Outcome {
        var messages = 0
        var events = 0
        var withoutNews = 0
        /// The first payload that was refused, and why.
        var flaw: String?
    }

    private func takeIn() async throws -> Outcome {
        let desk = InboundDesk(into: log, remembering: ledger, time: time)
        try await desk.prepare()
        var outcome = Outcome()
        for file in recordings.flatMap({ [$0.execution, $0.conversation] }) {
            let messages = file.messages(at: time.now())
            let settlement = try await desk.settle(desk.read(messages))
            try await ledger.remember(settlement.entries, in: desk.workspace)
            outcome.messages += messages.count
            outcome.events += settlement.events
            for (message, verdict) in zip(messages, settlement.verdicts) {
                if verdict.outcome == .noNews { outcome.withoutNews += 1 }
                guard let rejection = verdict.rejection, outcome.flaw == nil else { continue }
                outcome.flaw = "\(message.origin) was refused (\(rejection.code.rawValue)): \(rejection.reason)"
            }
        }
        return outcome
    }
}
