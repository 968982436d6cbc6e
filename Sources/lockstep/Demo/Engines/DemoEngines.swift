import EventModel
import EventSourcing
import HTTPDriver
import JourneyDomain
import ParlantConnector
import SimConnector
import WorkflowDomain

/// Two stand-ins for engines, and what people and customers do there.
struct DemoEngines: Sendable {
    /// The agent of the stand-in for Parlant.
    static let agent = "agent"

    let sim: SimConnector
    let parlant: ParlantConnector
    /// The other doors.
    let atSim: StandInControl
    let atParlant: StandInControl

    /// Runs `body` with both.
    static func connected<R: Sendable>(
        _ sim: SimServerSettings, _ parlant: ParlantServerSettings, _ body: (DemoEngines) async throws -> R
    ) async throws -> R {
        try await SimConnector.connected(sim.connection) { connector in
            try await parlant.connected { conversations in
                try await ClientExchange.connected(to: sim.connection.baseURL) { atSim in
                    try await ClientExchange.connected(to: parlant.url) { atParlant in
                        try await body(
                            DemoEngines(
                                sim: connector, parlant: conversations,
                                atSim: StandInControl(engine: "Sim", exchange: atSim),
                                atParlant: StandInControl(engine: "Parlant", exchange: atParlant)))
                    }
                }
            }
        }
    }
}

/// One execution of the demonstration: a run at Sim and a session at Parlant.
struct DemoCase: Sendable {
    let run: String
    let workflow: String
    let journey: String
    /// The state of the block at which the run waits for a person, the one behind it, and one that the run never comes to.
    let asks: ElementID
    let goesOn: ElementID
    let elsewhere: ElementID
    /// Once the customer has come.
    var session: String?
    /// Before the run was started.
    var startedAt: Timestamp?
    /// Whether the run was resumed or cancelled by somebody at Sim.
    var isOrdered = false

    /// What the ids of all runs of this demonstration begin with.
    var runs: String { String(run[...(run.lastIndex(of: "-") ?? run.startIndex)]) }

    /// What the run is started with.
    var input: JSONObject { ["orderId": .string("A-\(run)"), "amount": 120, "reason": "broken", "limit": 50] }

    /// What whoever starts the run tells of it: Sim's events do not say what a run was started with.
    var start: JSONValue? {
        startedAt.map { moment in
            [
                "execution": .string(run), "workflow": .string(workflow), "type": "started",
                "id": .string("start-\(run)"), "at": .string("\(moment)"), "data": ["input": .object(input)],
            ]
        }
    }

}

extension DemoEngines {
    /// What became of an act.
    enum Outcome: Sendable, Equatable {
        case done
        /// Not now: the engine is away or busy. To be done again.
        case later
    }

    /// Carries out what happens to an execution.
    ///
    /// - Throws: ``Failure`` when it cannot be done at all.
    func carryOut(_ act: DemoScript.Act, _ one: inout DemoCase) async throws -> Outcome {
        switch act {
        case .begin: return try await begin(&one)
        case .ask: return try await turn(one, to: one.asks, says: "I want my money back.")
        case .answer(let word):
            return try await turn(
                one, to: one.goesOn, says: "The team lead says: \(word).",
                inputs: [one.asks.text: ["decision": .string(word)]])
        case .claimLimit(let limit):
            return try await turn(
                one, to: nil, says: "I was promised \(limit).", values: ["limit": .number(JSONNumber(limit))])
        case .wander: return try await turn(one, to: one.elsewhere, says: "Forget it, tell me why it was declined.")
        case .resume(let word): return try await resume(&one, ["decision": .string(word)])
        case .cancel: return try await cancel(&one)
        }
    }

    private func begin(_ one: inout DemoCase) async throws -> Outcome {
        one.startedAt = one.startedAt ?? SystemTimekeeper().now()
        do throws(SimError) {
            _ = try await sim.execute(
                one.workflow, input: one.input, as: one.run)
        } catch {
            return try Self.later(error)
        }
        guard one.session == nil else { return .done }
        do throws(ParlantError) {
            one.session = try await parlant.openSession(
                agent: Self.agent, customer: "customer-of-\(one.run)", execution: one.run)
            return .done
        } catch {
            guard error.isTransient else { throw error }
            return .later
        }
    }

    private func turn(
        _ one: DemoCase, to state: ElementID?, says text: String, values: JSONObject = JSONObject(),
        inputs: JSONObject = JSONObject()
    ) async throws -> Outcome {
        guard let session = one.session else { return .later }
        guard try await !parlant.isBusy(session) else { return .later }
        var body: JSONObject = ["session": .string(session), "message": .string(text)]
        if let state {
            body["journey"] = .string(one.journey)
            body["state"] = .string(state.text)
        }
        if !values.isEmpty { body["values"] = .object(values) }
        if !inputs.isEmpty { body["inputs"] = .object(inputs) }
        try await atParlant.order("turns", .object(body))
        return .done
    }

    private func resume(_ one: inout DemoCase, _ input: JSONValue) async throws -> Outcome {
        guard !one.isOrdered else { return .done }
        do throws(SimError) {
            let state = try await sim.run(one.run, of: one.workflow)
            guard !state.isOver else { return .done }
            guard let context = state.pause?.context else { return .later }
            try await sim.resume(one.run, of: one.workflow, at: context, with: input)
            one.isOrdered = true
            return .done
        } catch {
            return try Self.later(error)
        }
    }

    private func cancel(_ one: inout DemoCase) async throws -> Outcome {
        do throws(SimError) {
            _ = try await sim.cancel(one.run, of: one.workflow)
            one.isOrdered = true
            return .done
        } catch {
            return try Self.later(error)
        }
    }

    /// What an engine's refusal means: the reconciler was first, or it is away.
    private static func later(_ error: SimError) throws -> Outcome {
        switch error {
        case .alreadyResumed, .notWaiting: return .done
        case .unavailable, .timedOut, .rateLimited, .unknownOutcome: return .later
        case .tooLarge, .malformed, .cancelled, .unauthorized, .notFound, .conflict, .invalid, .refused:
            throw Failure(
                .no, "the stand-in for Sim does not do what is asked: \(error)",
                hint: "stop it and run tools/demo again")
        }
    }
}

extension ParlantConnector {
    /// Whether a turn is under way, or nobody can say.
    fileprivate func isBusy(_ session: String) async throws -> Bool {
        do throws(ParlantError) { return try await state(of: session).isBusy } catch {
            switch error {
            case .unavailable, .timedOut, .unknownOutcome, .malformed: return true
            default: throw error
            }
        }
    }
}
