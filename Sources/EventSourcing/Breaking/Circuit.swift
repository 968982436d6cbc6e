import Synchronization

/// A circuit breaker that many tasks share: it runs what may pass and is told how that ended.
public final class Circuit: Sendable {
    /// What an error says about the other side.
    public enum Verdict: Sendable, Hashable {
        /// It answers; it just does not do this.
        case alive
        /// It is not there, or does not get on.
        case down
        /// It asks to be left alone for this long.
        case busy(Duration)
        /// Nothing: the caller gave up.
        case untold
    }

    private let breaker: Mutex<CircuitBreaker>
    private let time: any Timekeeper
    private let random: any RandomSource

    /// A closed circuit.
    ///
    /// - Parameter name: what is behind it, in words that may be shown.
    public init(
        _ name: String, limits: CircuitLimits = CircuitLimits(), time: any Timekeeper = SystemTimekeeper(),
        random: any RandomSource = SystemRandomSource()
    ) {
        breaker = Mutex(CircuitBreaker(name, limits: limits, at: .init(time)))
        self.time = time
        self.random = random
    }

    /// How it stands, to be shown.
    public var standing: CircuitStanding { breaker.withLock { $0.standing } }

    /// Runs `body` if it may pass.
    ///
    /// - Parameter verdict: what an error of `body` says about the other side.
    /// - Throws: ``CircuitError/open(_:retryAfter:)`` without having run `body`; ``CircuitError/failed(_:)`` with the error of `body`.
    public func run<Result, Failure: Error>(
        judging verdict: (Failure) -> Verdict, _ body: () async throws(Failure) -> Result
    ) async throws(CircuitError<Failure>) -> Result {
        let ticket: CircuitBreaker.Ticket
        switch tell(.asked(.init(time))) {
        case .pass(let pass): ticket = pass
        case .refuse(let wait): throw .open(standing, retryAfter: wait)
        case .none, .opened, .closed: throw .open(standing, retryAfter: .zero)
        }
        do throws(Failure) {
            let result = try await body()
            _ = tell(.succeeded(ticket, .init(time)))
            return result
        } catch {
            _ = tell(ending(ticket, verdict(error), reason: "\(error)"))
            throw .failed(error)
        }
    }

    private func ending(
        _ ticket: CircuitBreaker.Ticket, _ verdict: Verdict, reason: String
    ) -> CircuitBreaker.Input {
        switch verdict {
        case .alive: .succeeded(ticket, .init(time))
        case .down: .failed(ticket, .init(time), reason: reason, random: random.next())
        case .busy(let wait): .heldOff(ticket, .init(time), wait: wait, reason: reason)
        case .untold: .abandoned(ticket, .init(time))
        }
    }

    private func tell(_ input: CircuitBreaker.Input) -> CircuitBreaker.Action {
        breaker.withLock { $0.receive(input) }
    }
}

/// Why something that was to run through a circuit has no result.
public enum CircuitError<Failure: Error>: Error {
    /// It was not run: the circuit is open. Ask again after that long.
    case open(CircuitStanding, retryAfter: Duration)
    /// It was run, and failed.
    case failed(Failure)
}
