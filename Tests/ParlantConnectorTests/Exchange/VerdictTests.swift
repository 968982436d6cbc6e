import EventSourcing
import ParlantConnector
import Testing

@Suite("What an error says of Parlant") struct VerdictTests {
    @Test(arguments: [
        (ParlantError.unavailable(reason: "x"), Circuit.Verdict.down), (.timedOut(after: .seconds(1)), .down),
        (.unknownOutcome(reason: "x"), .down), (.moduleMissing, .down), (.malformed(what: "x"), .down),
        (.cancelled, .untold), (.invalid([]), .untold), (.turnInProgress, .alive), (.manualMode, .alive),
        (.notFound(.session("s")), .alive), (.refused(status: 422, detail: "x"), .alive), (.tooLarge(limit: 1), .alive),
    ]) func `a circuit opens for what nobody would get done, not for a good no`(
        _ error: ParlantError, _ verdict: Circuit.Verdict
    ) {
        #expect(error.verdict == verdict)
    }
}
