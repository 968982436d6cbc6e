/// One request to a server, and its answer. The only door through which a connector reaches the world.
public protocol HTTPExchange: Sendable {
    /// Sends `request` and waits for the whole answer.
    ///
    /// - Parameters:
    ///   - timeout: how long all of it may take.
    ///   - limit: the largest answer, in bytes.
    func send(_ request: HTTPRequest, within timeout: Duration, atMost limit: Int) async throws(HTTPFault) -> HTTPAnswer
}

/// Why there is no answer.
public enum HTTPFault: Error, Sendable, Equatable {
    /// Nobody was reached; the request was not sent.
    case unreachable(reason: String)
    /// The connection ended before the answer did; the request may have been carried out.
    case brokenOff(reason: String)
    /// Time ran out; the request may have been carried out.
    case timedOut(after: Duration)
    /// The answer is larger than allowed; the request was carried out.
    case tooLarge(limit: Int)
    /// The caller's task was cancelled; the request may have been carried out.
    case cancelled
}
