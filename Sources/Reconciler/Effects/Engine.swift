import Connecting
import EventModel
import EventSourcing
import Synchronization

/// One of the two engines, behind a breaker: one that fails again and again is left alone for a while, and that can be seen.
public final class Engine: Sendable {
    /// Leave to ask the engine once; how it went has to be told.
    struct Pass: Sendable {
        fileprivate let ticket: CircuitBreaker.Ticket
    }

    private let connector: any SideConnector
    private let breaker: Mutex<CircuitBreaker>
    private let time: any Timekeeper
    private let random: any RandomSource

    /// An engine by its connector.
    ///
    /// - Parameter name: of the engine, in words that may be shown.
    public init(
        _ connector: any SideConnector, name: String, limits: CircuitLimits = CircuitLimits(),
        time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource()
    ) {
        self.connector = connector
        self.time = time
        self.random = random
        breaker = Mutex(CircuitBreaker(name, limits: limits, at: CircuitBreaker.Moment(time)))
    }

    /// How the breaker stands.
    public var standing: CircuitStanding { breaker.withLock(\.standing) }

    /// Asks for leave; where there is none, how long to wait for it.
    func enter() -> Result<Pass, Closed> {
        let now = CircuitBreaker.Moment(time)
        return switch breaker.withLock({ $0.receive(.asked(now)) }) {
        case .pass(let ticket): .success(Pass(ticket: ticket))
        case .refuse(let wait): .failure(Closed(wait: wait))
        // Whoever asks is answered with one of the two.
        case .none, .opened, .closed: .failure(Closed(wait: .zero))
        }
    }

    /// It is left alone for now.
    struct Closed: Error {
        let wait: Duration
    }

    /// The leave was not used.
    func leave(_ pass: Pass) { tell(.abandoned(pass.ticket, CircuitBreaker.Moment(time))) }

    func carryOut(_ errand: Errand, with pass: Pass) async -> ErrandAnswer {
        let answer = await connector.carryOut(errand)
        switch answer {
        case .done, .movedOn, .refused, .notNow: succeed(pass)
        case .unavailable(let because), .unknown(let because): fail(pass, because)
        }
        return answer
    }

    func probe(_ errand: Errand, with pass: Pass) async -> ProbeAnswer {
        let answer = await connector.probe(errand)
        switch answer {
        case .found, .absent, .untellable: succeed(pass)
        case .unavailable(let because): fail(pass, because)
        }
        return answer
    }

    private func succeed(_ pass: Pass) { tell(.succeeded(pass.ticket, CircuitBreaker.Moment(time))) }

    private func fail(_ pass: Pass, _ reason: String) {
        tell(.failed(pass.ticket, CircuitBreaker.Moment(time), reason: reason, random: random.next()))
    }

    private func tell(_ input: CircuitBreaker.Input) { breaker.withLock { _ = $0.receive(input) } }
}

/// Both engines; `nil` for one that nobody is connected to: its effects wait.
public struct Engines: Sendable {
    /// The workflow's.
    public let workflow: Engine?
    /// The journey's.
    public let journey: Engine?

    /// Engines.
    public init(workflow: Engine?, journey: Engine?) {
        self.workflow = workflow
        self.journey = journey
    }
}
