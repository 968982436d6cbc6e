/// What a repetition of a request does.
public enum Repetition: Sendable, Hashable {
    /// It only reads.
    case reads
    /// It changes something, but a second time nothing more.
    case settles
    /// It may do the same once more, so it is repeated only if it was not sent.
    case doubles

    /// Whether a request of this kind may be sent again after `fault`.
    public func mayFollow(_ fault: HTTPFault) -> Bool {
        switch (fault, self) {
        case (.unreachable, _), (.brokenOff, .reads), (.brokenOff, .settles), (.timedOut, .reads),
            (.timedOut, .settles):
            true
        case (.brokenOff, .doubles), (.timedOut, .doubles), (.tooLarge, _), (.cancelled, _): false
        }
    }
}

/// Sends a request, and sends it again where that is safe.
public struct Attempts: Sendable {
    /// How often a request is sent at most, the first time included; at least once.
    public let count: Int
    /// How long one attempt may take.
    public let patience: Duration
    /// The largest answer, in bytes.
    public let answerBytes: Int

    /// Attempts.
    public init(count: Int, patience: Duration, answerBytes: Int) {
        self.count = max(1, count)
        self.patience = patience
        self.answerBytes = answerBytes
    }

    /// Sends `request` over `exchange` until there is an answer that settles it, or no attempt is left.
    ///
    /// - Parameters:
    ///   - repetition: what a second time would do.
    ///   - isPassing: whether an answer says that nothing was done and that the same may succeed soon. The last one is answered all the same.
    ///   - pause: waits before the next attempt; it is given the answer that asked for one, if an answer did.
    /// - Throws: the fault of the last attempt; ``HTTPFault/cancelled`` when the pause was.
    public func send(
        _ request: HTTPRequest, over exchange: any HTTPExchange, _ repetition: Repetition,
        isPassing: (HTTPAnswer) -> Bool, pause: (HTTPAnswer?) async throws(CancellationError) -> Void
    ) async throws(HTTPFault) -> HTTPAnswer {
        var attempt = 1
        while true {
            var passing: HTTPAnswer?
            do throws(HTTPFault) {
                let answer = try await exchange.send(request, within: patience, atMost: answerBytes)
                guard attempt < count, isPassing(answer) else { return answer }
                passing = answer
            } catch {
                guard attempt < count, repetition.mayFollow(error) else { throw error }
            }
            do throws(CancellationError) { try await pause(passing) } catch { throw .cancelled }
            attempt += 1
        }
    }
}
