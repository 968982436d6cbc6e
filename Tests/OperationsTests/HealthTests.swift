import Testing

@testable import Operations

@Suite("Health") struct HealthTests {
    private func status(
        lag: Int64, seconds: Double, silent: Double, state: String = "live", error: String? = nil
    ) -> ConsumerStatus {
        ConsumerStatus(
            consumer: "c", kind: "projector", version: 1, lane: -1, state: state, position: 1, head: 1 + lag,
            lagEvents: lag,
            lagSeconds: seconds, parkedKeys: 0, eventsHandled: 1, updatedAt: nil, silentSeconds: silent,
            lastError: error)
    }

    @Test func `an idle consumer is healthy however long it was silent`() {
        #expect(status(lag: 0, seconds: 0, silent: 1e6).health(patience: 30) == .ok)
    }

    @Test func `new work after a long silence is not a stall`() {
        #expect(status(lag: 1, seconds: 0.1, silent: 1e6).health(patience: 30) == .ok)
    }

    @Test func `old work that is being done is only behind`() {
        #expect(status(lag: 9, seconds: 1e6, silent: 0.1).health(patience: 30) == .behind)
    }

    @Test func `old work and silence are a stall, whatever the consumer said last`() {
        #expect(status(lag: 1, seconds: 31, silent: 31).health(patience: 30) == .stalled)
    }

    @Test func `a consumer ahead of the log, or on another history, has stopped, whatever it says`() {
        var ahead = status(lag: 0, seconds: 0, silent: 0)
        ahead.position = ahead.head + 1
        #expect(ahead.health(patience: 30) == .stopped)
        var elsewhere = status(lag: 0, seconds: 0, silent: 0)
        elsewhere.isOnThisHistory = false
        #expect(elsewhere.health(patience: 30) == .stopped)
    }

    @Test func `a consumer that was told to end is judged by the work that waits for it`() {
        #expect(status(lag: 0, seconds: 0, silent: 1e6, state: "stopped").health(patience: 30) == .ok)
        #expect(status(lag: 1, seconds: 31, silent: 1e6, state: "stopped").health(patience: 30) == .stalled)
    }

    @Test(arguments: ["stopped", "refused"])
    func `a consumer that says it stopped has stopped`(_ state: String) {
        #expect(status(lag: 0, seconds: 0, silent: 0, state: state, error: "poison").health(patience: 30) == .stopped)
    }
}
