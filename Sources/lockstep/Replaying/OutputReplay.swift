import EventModel
import EventSourcing

/// Replays to standard output: one line of JSON for each event, as `lockstep read --json` prints it.
struct OutputReplay: ReplayTarget {
    func open(resuming isResuming: Bool) async throws(ReplayFault) -> ReplayResumption { .nothing }

    func write(_ batch: ReplayBatch) async throws(ReplayFault) {
        for event in batch.replayed {
            StandardOutput.shared.write(EventJSON.line(event))
            guard !StandardOutput.shared.isBroken else { throw .readerGone }
        }
        try await finish()
    }

    func finish() async throws(ReplayFault) {
        guard StandardOutput.shared.flush() else { throw .readerGone }
    }
}
