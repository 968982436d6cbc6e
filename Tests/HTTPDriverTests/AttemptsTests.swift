import HTTPDriver
import Synchronization
import Testing

@Suite("Attempts") struct AttemptsTests {
    /// A server that says what it is told, once each.
    final class Script: HTTPExchange {
        private let outcomes: Mutex<[Result<HTTPAnswer, HTTPFault>]>
        private let count = Mutex(0)
        init(_ outcomes: [Result<HTTPAnswer, HTTPFault>]) { self.outcomes = Mutex(outcomes) }
        var asked: Int { count.withLock { $0 } }

        func send(
            _ request: HTTPRequest, within timeout: Duration, atMost limit: Int
        ) async throws(HTTPFault) -> HTTPAnswer {
            count.withLock { $0 += 1 }
            return try outcomes.withLock { $0.isEmpty ? .failure(.cancelled) : $0.removeFirst() }.get()
        }
    }

    static let faults: [HTTPFault] = [
        .unreachable(reason: "x"), .brokenOff(reason: "x"), .timedOut(after: .seconds(1)), .tooLarge(limit: 1),
        .cancelled,
    ]

    func send(
        _ script: Script, _ repetition: Repetition, count: Int = 3,
        pause: (HTTPAnswer?) async throws(CancellationError) -> Void = { _ in }
    ) async -> Result<HTTPAnswer, HTTPFault> {
        do throws(HTTPFault) {
            return .success(
                try await Attempts(count: count, patience: .seconds(1), answerBytes: 1).send(
                    HTTPRequest(.get, ["x"]), over: script, repetition, isPassing: { $0.status == 503 }, pause: pause))
        } catch {
            return .failure(error)
        }
    }

    @Test(arguments: faults, [Repetition.reads, .settles, .doubles])
    func `what would double is repeated only if it was not sent`(_ fault: HTTPFault, _ repetition: Repetition) async {
        let answer = HTTPAnswer(status: 200, body: [])
        let script = Script([.failure(fault), .success(answer)])
        let mayRepeat =
            switch fault {
            case .unreachable: true
            case .brokenOff, .timedOut: repetition != .doubles
            case .tooLarge, .cancelled: false
            }
        #expect(await send(script, repetition) == (mayRepeat ? .success(answer) : .failure(fault)))
        #expect(script.asked == (mayRepeat ? 2 : 1))
    }

    @Test func `the last answer is told whatever it says`() async {
        let passing = HTTPAnswer(status: 503, body: [])
        let script = Script(Array(repeating: .success(passing), count: 5))
        #expect(await send(script, .doubles) == .success(passing))
        #expect(script.asked == 3)
    }

    @Test func `the pause is told which answer asked for it`() async {
        let passing = HTTPAnswer(status: 503, headers: ["retry-after": "2"], body: [])
        let script = Script([
            .success(passing), .failure(.unreachable(reason: "x")), .success(HTTPAnswer(status: 200, body: [])),
        ])
        var pauses: [Duration?] = []
        _ = await send(
            script, .reads, pause: { (answer) async throws(CancellationError) in pauses.append(answer?.retryAfter) })
        #expect(pauses == [.seconds(2), nil])
    }

    @Test func `a pause that is cancelled ends it`() async {
        let script = Script([.failure(.unreachable(reason: "x"))])
        let outcome = await send(
            script, .reads, pause: { (_) async throws(CancellationError) in throw CancellationError() })
        #expect(outcome == .failure(.cancelled) && script.asked == 1)
    }

    @Test(arguments: [0, -3]) func `there is at least one attempt`(_ count: Int) async {
        let script = Script([.success(HTTPAnswer(status: 200, body: []))])
        #expect(await send(script, .reads, count: count) == .success(HTTPAnswer(status: 200, body: [])))
    }
}
