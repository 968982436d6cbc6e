import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@Suite("Circuit") struct CircuitTests {
    enum Trouble: Error, Equatable { case down, refused, busy, gone }

    static func verdict(_ trouble: Trouble) -> Circuit.Verdict {
        switch trouble {
        case .down: .down
        case .refused: .alive
        case .busy: .busy(.seconds(9))
        case .gone: .untold
        }
    }

    func outcome(_ circuit: Circuit, _ trouble: Trouble?) async -> String {
        do throws(CircuitError<Trouble>) {
            return try await circuit.run(judging: Self.verdict) { () async throws(Trouble) in
                if let trouble { throw trouble }
                return "done"
            }
        } catch {
            switch error {
            case .open(_, let wait): return "open for \(wait.components.seconds)"
            case .failed(let trouble): return "\(trouble)"
            }
        }
    }

    @Test func `what is down opens it, what refuses does not, and who comes back closes it`() async {
        let time = ManualTimekeeper()
        let circuit = Circuit(
            "parlant", limits: CircuitLimits(failures: 2, firstPause: .seconds(4)), time: time,
            random: SeededRandom(seed: 1))
        for _ in 0..<9 { #expect(await outcome(circuit, .refused) == "refused") }
        #expect(await outcome(circuit, .down) == "down")
        #expect(await outcome(circuit, .gone) == "gone")
        #expect(await outcome(circuit, .down) == "down")
        #expect(circuit.standing.state == .open && circuit.standing.lastError?.reason == "down")
        #expect(await outcome(circuit, nil).hasPrefix("open for"))
        time.advance(by: .seconds(4))
        #expect(await outcome(circuit, nil) == "done")
        #expect(circuit.standing.state == .closed && circuit.standing.failures == 0)
        #expect(await outcome(circuit, .busy) == "busy")
        #expect(await outcome(circuit, nil) == "open for 9")
    }
}
