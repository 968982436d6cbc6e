import EventModel
import Foundation
import NIOCore
import StandInDoor
import Synchronization
import WorkflowDomain

/// The stand-in with a clock, its files and the callers who wait. Everything happens in the order of one lock.
final class House: Household {
    /// How it is served.
    struct Settings: Sendable {
        var key = "stand-in-key"
        /// How long a caller waits who asked for the end of a run.
        var patience: Duration = .seconds(30)
    }

    /// The most events that are told at once.
    static let mostEvents = 1_000
    /// The most callers who wait at the same time.
    static let mostWaiting = 1_000

    private struct Waiter {
        let run: String
        let attempt: String?
        let deadline: Timestamp
        let wrap: Gate.Wrapping
        let complete: Completion
    }

    private struct State {
        var core: StandIn
        var gate = Gate()
        var waiters: [Waiter] = []
        /// All that was told of runs, oldest first.
        var told: [JSONValue] = []
        let journal: Journal?
        let events: LineFile?
        var clock: AlarmClock
    }

    private let state: Mutex<State>
    private let settings: Settings

    /// - Parameters:
    ///   - statePath: where what it is told is kept; it goes on from there.
    ///   - eventsPath: where events go, `-` for standard output. What is in the file already is not told again.
    init(
        _ core: StandIn, _ settings: Settings = Settings(), statePath: String? = nil, eventsPath: String? = nil,
        on loop: any EventLoop
    ) throws {
        var core = core
        var journal: Journal?
        var past: [JSONValue] = []
        if let statePath {
            let (opened, told) = try Journal.open(statePath, beginning: core.beginning)
            journal = opened
            for (input, moment) in told { past += core.receive(input, at: moment).events }
        }
        var events: LineFile?
        if eventsPath == "-" {
            events = .standardOutput
        } else if let eventsPath {
            let (file, lines) = try LineFile.open(eventsPath)
            // Killed between noting what it was told and telling what came of it.
            if journal != nil { try file.write(Array(past.dropFirst(lines.count))) }
            events = file
        }
        self.settings = settings
        state = Mutex(State(core: core, told: past, journal: journal, events: events, clock: AlarmClock(on: loop)))
        state.withLock { schedule(&$0) }
    }

    /// Takes a request; `complete` is called once, maybe later, maybe at once.
    func take(_ request: Request, _ complete: @escaping Completion) {
        state.withLock { take(request, &$0, complete) }
    }

    private func take(_ request: Request, _ state: inout State, _ complete: @escaping Completion) {
        if request.path.first == "_stand_in" { return complete(.reply(control(request, &state))) }
        guard request.path.first == "api" else { return complete(.reply(.refusal(404, "NOT_FOUND", "Not found"))) }
        if let wrap = state.gate.admit(request, at: state.clock.now, complete) {
            serve(request, &state, wrap: wrap, complete)
        }
    }

    private func serve(
        _ request: Request, _ state: inout State, wrap: @escaping Gate.Wrapping,
        _ complete: @escaping Completion
    ) {
        guard request.key == settings.key else {
            return complete(wrap(.refusal(401, "UNAUTHORIZED", "API key is missing or invalid")))
        }
        tell(.advance, &state, writing: false)
        switch Route(request) {
        case .refuse(let reply): complete(wrap(reply))
        case .look(let look): complete(wrap(look(state.core)))
        case .order(let input, let base):
            let answer = tell(input, &state)
            switch answer {
            case .accepted(let run, false): wait(for: run, nil, &state, wrap, complete)
            case .resumed(let run, let attempt, false): wait(for: run, attempt, &state, wrap, complete)
            case .done, .accepted, .resumed, .cancelled, .runTaken, .notFound, .badRequest, .conflict, .unavailable,
                .failed:
                complete(wrap(answer.reply(base: base)))
            }
        }
    }

    private func wait(
        for run: String, _ attempt: String?, _ state: inout State, _ wrap: @escaping Gate.Wrapping,
        _ complete: @escaping Completion
    ) {
        guard state.waiters.count < Self.mostWaiting else {
            return complete(wrap(Answer.unavailable("too many callers wait").reply(base: "")))
        }
        state.waiters.append(
            Waiter(
                run: run, attempt: attempt, deadline: state.clock.now.advanced(by: settings.patience), wrap: wrap,
                complete: complete))
        settle(&state)
    }

    /// Tells the core, and the world what came of it.
    @discardableResult
    private func tell(_ input: StandIn.Input, _ state: inout State, writing: Bool = true) -> Answer {
        let now = state.clock.now
        // Time that passes without anything being due needs no line.
        guard writing || state.core.due.map({ $0 <= now }) ?? false else { return .done }
        do {
            try state.journal?.write(input, at: now)
            let (answer, events) = state.core.receive(input, at: now)
            state.told += events
            try state.events?.write(events)
            settle(&state)
            return answer
        } catch {
            return .unavailable("a file cannot be written: \(error.localizedDescription)")
        }
    }

    /// Answers those whose run has ended or pauses, or who have waited long enough, and sets the clock for the rest.
    private func settle(_ state: inout State) {
        let now = state.clock.now
        var waiting: [Waiter] = []
        for waiter in state.waiters {
            guard let run = state.core.runs[waiter.run] else { continue }
            if run.isOver || run.phase == .waiting {
                waiter.complete(waiter.wrap(run.result(attempt: waiter.attempt)))
            } else if waiter.deadline <= now {
                waiter.complete(waiter.wrap(run.timeout(attempt: waiter.attempt)))
            } else {
                waiting.append(waiter)
            }
        }
        state.waiters = waiting
        schedule(&state)
    }

    private func schedule(_ state: inout State) {
        let moments = [state.core.due].compactMap { $0 } + state.waiters.map(\.deadline)
        state.clock.set(for: moments) { [weak self] in self?.wake() }
    }

    private func wake() {
        state.withLock { state in
            tell(.advance, &state, writing: false)
            settle(&state)
        }
    }

    // MARK: control

    private func control(_ request: Request, _ state: inout State) -> Reply {
        if let (reply, released) = state.gate.order(request, at: state.clock.now) {
            for (request, complete) in released { take(request, &state, complete) }
            return reply
        }
        let value = JSONValue.object(request.object ?? JSONObject())
        switch (request.method, request.path.dropFirst().joined(separator: "/")) {
        case ("GET", "state"):
            return Reply(
                200,
                [
                    "requests": .number(JSONNumber(state.gate.requests)),
                    "runs": .number(JSONNumber(state.core.order.count)),
                    "events": .number(JSONNumber(state.told.count)),
                    "waiting": .number(JSONNumber(state.waiters.count)),
                    "held": .number(JSONNumber(state.gate.waiting)),
                ])
        case ("GET", "events"):
            let from = min(max(request.query["from"].flatMap { Int($0) } ?? 0, 0), state.told.count)
            return Reply(200, ["events": .array(Array(state.told[from...].prefix(Self.mostEvents)))])
        case ("POST", "fail_resumes"): tell(.failResumes(value["times"]?.int ?? 1), &state)
        case ("POST", "decide"):
            guard let script = StandIn.Input.script(value) else {
                return .refusal(400, "BAD_REQUEST", "blocks with lists of words")
            }
            tell(.decide(script), &state)
        default: return .refusal(404, "NOT_FOUND", "no such control")
        }
        return Reply(200, [:])
    }
}

extension StandIn {
    /// What a journal begins with: what must be the same when it is gone on with.
    var beginning: JSONValue {
        [
            "workflows": .array(workflows.values.map { "\($0.id) \($0.digest)" }.sorted().map { .string($0) }),
            "delay": .string("\(settings.blockDelay)"), "longest_wait": .string("\(settings.longestWait)"),
            "seed": .string("\(settings.choices.seed)"), "fail_rate": .string("\(settings.choices.failRate)"),
            "script": Input.value(settings.choices.script),
        ]
    }
}
