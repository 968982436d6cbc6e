import EventModel
import EventSourcing
import Testing

@Suite("Circuit breaker") struct CircuitBreakerTests {
    static let limits = CircuitLimits(
        failures: 3, firstPause: .seconds(2), longestPause: .seconds(10), tryPatience: .seconds(30))

    /// A breaker with a clock that is moved by hand.
    struct Bench {
        var now = Duration.zero
        var breaker = CircuitBreaker("sim", limits: limits, at: Bench.moment(.zero))

        static func moment(_ steady: Duration) -> CircuitBreaker.Moment {
            let (seconds, attoseconds) = steady.components
            return .init(
                steady: steady, wall: Timestamp(microseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
        }

        mutating func ask() -> CircuitBreaker.Action { breaker.receive(.asked(Self.moment(now))) }

        mutating func pass() throws -> CircuitBreaker.Ticket {
            guard case .pass(let ticket) = ask() else { throw Refused() }
            return ticket
        }

        @discardableResult
        mutating func fail(_ ticket: CircuitBreaker.Ticket, random: UInt64 = .max) -> CircuitBreaker.Action {
            breaker.receive(.failed(ticket, Self.moment(now), reason: "no answer", random: random))
        }

        @discardableResult
        mutating func succeed(_ ticket: CircuitBreaker.Ticket) -> CircuitBreaker.Action {
            breaker.receive(.succeeded(ticket, Self.moment(now)))
        }

        /// Fails until it is open.
        mutating func open() throws { for _ in 0..<3 { fail(try pass()) } }
    }
    struct Refused: Error {}

    @Test func `everything passes until enough has failed in a row`() throws {
        var bench = Bench()
        for _ in 0..<2 { #expect(bench.fail(try bench.pass()) == .none) }
        bench.succeed(try bench.pass())
        for _ in 0..<2 { #expect(bench.fail(try bench.pass()) == .none) }
        #expect(bench.fail(try bench.pass()) == .opened)
        #expect(bench.breaker.standing.state == .open && bench.breaker.standing.failures == 3)
    }

    @Test func `what is open lets nothing pass until its pause is over, then one try`() throws {
        var bench = Bench()
        try bench.open()
        bench.now = .milliseconds(1_900)
        guard case .refuse(let wait) = bench.ask() else { throw Refused() }
        #expect(wait > .milliseconds(99) && wait <= .milliseconds(100))
        bench.now = .seconds(2)
        let attempt = try bench.pass()
        #expect(attempt.isTry && bench.breaker.standing.state == .halfOpen)
        guard case .refuse = bench.ask() else { throw Refused() }
        #expect(bench.succeed(attempt) == .closed)
        #expect(bench.breaker.standing.failures == 0 && bench.breaker.standing.nextTry == nil)
        #expect(try !bench.pass().isTry)
    }

    @Test func `each failed try doubles the pause, up to the longest`() throws {
        var bench = Bench()
        try bench.open()
        var waits: [Int64] = []
        for _ in 0..<6 {
            guard case .refuse(let wait) = bench.ask() else { throw Refused() }
            waits.append(
                Int64((Double(wait.components.seconds) + Double(wait.components.attoseconds) / 1e18).rounded()))
            bench.now += wait
            #expect(bench.fail(try bench.pass()) == .opened)
        }
        #expect(waits == [2, 4, 8, 10, 10, 10])
    }

    @Test func `after it has closed the pauses begin anew`() throws {
        var bench = Bench()
        for _ in 0..<2 {
            try bench.open()
            guard case .refuse(let wait) = bench.ask() else { throw Refused() }
            #expect(wait <= .seconds(2))
            bench.now += wait
            bench.succeed(try bench.pass())
        }
    }

    @Test func `randomness shortens a pause by at most its half`() throws {
        var bench = Bench()
        for _ in 0..<2 { bench.fail(try bench.pass()) }
        bench.fail(try bench.pass(), random: 0)
        #expect(bench.ask() == .refuse(wait: .seconds(1)))
    }

    @Test func `what ends after it has opened changes nothing but the last error`() throws {
        var bench = Bench()
        let early = try (0..<5).map { _ in try bench.pass() }
        try bench.open()
        let before = bench.breaker.standing
        bench.now = .seconds(1)
        #expect(bench.fail(early[0]) == .none && bench.succeed(early[1]) == .none)
        #expect(bench.breaker.receive(.abandoned(early[2], Bench.moment(bench.now))) == .none)
        #expect(
            bench.breaker.receive(.heldOff(early[3], Bench.moment(bench.now), wait: .seconds(99), reason: "later"))
                == .none)
        let after = bench.breaker.standing
        #expect(after.state == .open && after.nextTry == before.nextTry && after.failures == 3)
        #expect(after.lastError?.reason == "later")
        bench.now = .seconds(2)
        let attempt = try bench.pass()
        #expect(bench.fail(early[4]) == .none && bench.breaker.standing.state == .halfOpen)
        #expect(bench.succeed(attempt) == .closed)
    }

    @Test func `a try that was given up lets the next one through at once`() throws {
        var bench = Bench()
        try bench.open()
        bench.now = .seconds(2)
        let attempt = try bench.pass()
        #expect(bench.breaker.receive(.abandoned(attempt, Bench.moment(bench.now))) == .none)
        #expect(try bench.pass().isTry)
    }

    @Test func `a try that never ends does not keep it half open for ever`() throws {
        var bench = Bench()
        try bench.open()
        bench.now = .seconds(2)
        let lost = try bench.pass()
        bench.now = .seconds(31)
        #expect(bench.ask() == .refuse(wait: .seconds(1)))
        bench.now = .seconds(32)
        let next = try bench.pass()
        #expect(bench.succeed(lost) == .none && bench.succeed(next) == .closed)
    }

    @Test func `who asks to be left alone is, at once and within bounds`() throws {
        var bench = Bench()
        let ticket = try bench.pass()
        let held = CircuitBreaker.Input.heldOff(ticket, Bench.moment(.zero), wait: .seconds(7), reason: "429")
        #expect(bench.breaker.receive(held) == .opened)
        #expect(bench.ask() == .refuse(wait: .seconds(7)))
        #expect(bench.breaker.standing.nextTry == Timestamp(microseconds: 7_000_000))
        for (wait, bounded) in [(Duration.seconds(-5), Duration.zero), (.seconds(1 << 50), .seconds(3_600))] {
            var other = Bench()
            let ticket = try other.pass()
            _ = other.breaker.receive(.heldOff(ticket, Bench.moment(.zero), wait: wait, reason: "429"))
            if bounded == .zero { _ = try other.pass() } else { #expect(other.ask() == .refuse(wait: bounded)) }
        }
    }

    @Test func `its standing says what a person asks`() throws {
        var bench = Bench()
        #expect(bench.breaker.standing.description == "sim is reached")
        bench.now = .seconds(5)
        try bench.open()
        let standing = bench.breaker.standing
        #expect(standing.since == Timestamp(microseconds: 5_000_000) && standing.lastError?.reason == "no answer")
        #expect(standing.lastError?.at == Timestamp(microseconds: 5_000_000))
        #expect(standing.description.hasPrefix("sim is left alone after 3 failures (no answer); next try 1970-01-01T"))
        bench.now = .seconds(7)
        _ = try bench.pass()
        #expect(bench.breaker.standing.since == Timestamp(microseconds: 7_000_000))
    }

    @Test func `a long reason is cut`() throws {
        var bench = Bench()
        let reason = String(repeating: "ü", count: 10_000)
        _ = bench.breaker.receive(.failed(try bench.pass(), Bench.moment(.zero), reason: reason, random: 0))
        #expect(bench.breaker.standing.lastError?.reason.count == CircuitLimits.reasonCharacters)
    }

    @Test func `limits that make no sense are put right`() throws {
        let limits = CircuitLimits(
            failures: -1, firstPause: .seconds(-1), longestPause: .seconds(-2), tryPatience: .seconds(-3))
        #expect(limits.failures == 1 && limits.firstPause == .zero && limits.longestPause == .zero)
        #expect(limits.tryPatience == .zero)
        let endless = CircuitLimits(firstPause: .seconds(1 << 60), longestPause: .seconds(1 << 61))
        #expect(endless.firstPause == .seconds(3_600) && endless.longestPause == .seconds(3_600))
    }
}
