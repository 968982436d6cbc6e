import EventSourcing
import SimConnector
import Testing

@Suite("What an error says of Sim") struct VerdictTests {
    @Test(arguments: [
        (SimError.unavailable(reason: "x"), Circuit.Verdict.down), (.timedOut(after: .seconds(1)), .down),
        (.unknownOutcome(reason: "x"), .down), (.unauthorized, .down), (.malformed(what: "x"), .down),
        (.rateLimited(retryAfter: nil), .down), (.rateLimited(retryAfter: .seconds(7)), .busy(.seconds(7))),
        (.cancelled, .untold), (.invalid(what: "x", limit: "y"), .untold), (.conflict(what: "x"), .alive),
        (.alreadyResumed(context: "c"), .alive), (.notWaiting(.completed), .alive), (.notFound(.run("r")), .alive),
        (.refused(status: 400, detail: "x"), .alive), (.tooLarge(limit: 1), .alive),
    ]) func `a circuit opens for what nobody would get done, not for a good no`(
        _ error: SimError, _ verdict: Circuit.Verdict
    ) {
        #expect(error.verdict == verdict)
    }
}
