import EventModel
import JourneyDomain
import WorkflowDomain

/// The recordings are not in order and say some things twice; told the other way round they amount to the same as what the log holds.
struct OrderCheck: Sendable {
    let recordings: [DemoRecording]
    let walks: [DemoWalk]

    func run(_ report: DemoReport) throws {
        var different: [String] = []
        for (recording, walk) in zip(recordings, walks) where try !isSame(recording, walk) {
            different.append(walk.execution)
        }
        let count = recordings.reduce(0) { $0 + $1.execution.payloads.count + $1.conversation.payloads.count }
        report.check(
            "told from the last line to the first, the recordings amount to the same",
            different.isEmpty && recordings.count == walks.count,
            different.isEmpty
                ? "\(count) payloads read backwards: the same visits, turns and states"
                : "different: \(different.joined(separator: ", "))")
    }

    private func isSame(_ recording: DemoRecording, _ walk: DemoWalk) throws -> Bool {
        var executed = ExecutionState()
        for outcome in ExecutionDecider.decide(try recording.executionReports().reversed(), on: &executed) {
            _ = try outcome.get()
        }
        var reader = SessionReader()
        for report in try recording.sessionReports().reversed() {
            for input in report.inputs { _ = reader.receive(input) }
        }
        return executed.standing == walk.executed.standing
            && executed.visits.mapValues(\.status) == walk.executed.visits.mapValues(\.status)
            && reader.state.positions == walk.conversed.positions && reader.state.messages == walk.conversed.messages
            && reader.state.turns.mapValues(\.ending) == walk.conversed.turns.mapValues(\.ending)
    }
}
