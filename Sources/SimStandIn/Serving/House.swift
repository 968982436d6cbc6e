import EventModel
import Foundation
import NIOCore
import Synchronization
import WorkflowDomain

/// The stand-in with a clock, its files and the callers who wait. Everything happens in the order of one lock.
final class House: Sendable {
    /// How it is served.
    struct Settings: Sendable {
        var key = "stand-in-key"
        /// How long a caller waits who asked for the end of a run.
        var patience: Duration = .seconds(30)
    }

    /// What becomes of a request.
    enum Reaction: Sendable, Equatable {
        case reply(Reply)
        case twice(Reply)
        case half(Reply)
        case hangUp
        case silence
    }

    typealias Completion = @Sendable (Reaction) -> Void

    /// The most callers who wait at the same time.
    static let mostWaiting = 1_000

    private struct Waiter {
        let run: String
        let attempt: String?
        let deadline: Timestamp
        let wrap: @Sendable (Reply) -> Reaction
        let complete: Completion
    }

    private struct State {
        var core: StandIn
        var faults = Faults()
        var waiters: [Waiter] = []
        var held: [(Request, Completion)] = []
        var requests = 0
        let journal: Journal?
        let events: LineFile?
        var timer: Scheduled<Void>?
    }

    private let state: Mutex<State>
    private let settings: Settings
    private let loop: any EventLoop

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
        self.loop = loop
        state = Mutex(State(core: core, journal: journal, events: events))
        state.withLock { schedule(&$0) }
    }

    /// Takes a request; `complete` is called once, maybe later, maybe at once.
    func take(_ request: Request, _ complete: @escaping Completion) {
        state.withLock { take(request, &$0, complete) }
    }

    private func take(_ request: Request, _ state: inout State, _ complete: @escaping Completion) {
        if request.path.first == "_stand_in" { return complete(.reply(control(request, &state))) }
        guard request.path.first == "api" else { return complete(.reply(.refusal(404, "NOT_FOUND", "Not found"))) }
        if state.faults.isHolding {
            state.held.append((request, complete))
            return
        }
        state.requests += 1
        let fault = state.faults.next(for: request.method)
        switch fault {
        case .silence: return complete(.silence)
        case .dropBeforeDoing: return complete(.hangUp)
        case .answer(let reply): return complete(.reply(reply))
        case .dropAfterDoing: return serve(request, &state, wrap: { _ in .hangUp }, complete)
        case .half: return serve(request, &state, wrap: { .half($0) }, complete)
        case .answerTwice: return serve(request, &state, wrap: { .twice($0) }, complete)
        case nil: return serve(request, &state, wrap: { .reply($0) }, complete)
        }
    }

    private func serve(
        _ request: Request, _ state: inout State, wrap: @escaping @Sendable (Reply) -> Reaction,
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
        for run: String, _ attempt: String?, _ state: inout State, _ wrap: @escaping @Sendable (Reply) -> Reaction,
        _ complete: @escaping Completion
    ) {
        guard state.waiters.count < Self.mostWaiting else {
            return complete(wrap(Answer.unavailable("too many callers wait").reply(base: "")))
        }
        state.waiters.append(
            Waiter(
                run: run, attempt: attempt, deadline: Self.now().advanced(by: settings.patience), wrap: wrap,
                complete: complete))
        settle(&state)
    }

    /// Tells the core, and the world what came of it.
    @discardableResult
    private func tell(_ input: StandIn.Input, _ state: inout State, writing: Bool = true) -> Answer {
        let now = Self.now()
        // Time that passes without anything being due needs no line.
        guard writing || state.core.due.map({ $0 <= now }) ?? false else { return .done }
        do {
            try state.journal?.write(input, at: now)
            let (answer, events) = state.core.receive(input, at: now)
            try state.events?.write(events)
            settle(&state)
            return answer
        } catch {
            return .unavailable("a file cannot be written: \(error.localizedDescription)")
        }
    }

    /// Answers those whose run has ended or pauses, or who have waited long enough, and sets the clock for the rest.
    private func settle(_ state: inout State) {
        let now = Self.now()
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
        state.timer?.cancel()
        guard let next = ([state.core.due] + state.waiters.map(\.deadline)).compactMap({ $0 }).min() else { return }
        let wait = max(0, next.microseconds - Self.now().microseconds)
        state.timer = loop.scheduleTask(in: .microseconds(wait + 1)) { [weak self] in self?.wake() }
    }

    private func wake() {
        state.withLock { state in
            tell(.advance, &state, writing: false)
            settle(&state)
        }
    }

    private static func now() -> Timestamp {
        Timestamp(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded(.down)))
    }

    // MARK: control

    private func control(_ request: Request, _ state: inout State) -> Reply {
        let value = (try? JSONValue(request.body.isEmpty ? Array("{}".utf8) : request.body)) ?? .null
        switch (request.method, request.path.dropFirst().joined(separator: "/")) {
        case ("GET", "state"):
            return Reply(
                200,
                [
                    "requests": .number(JSONNumber(state.requests)),
                    "runs": .number(JSONNumber(state.core.order.count)),
                    "waiting": .number(JSONNumber(state.waiters.count)), "held": .number(JSONNumber(state.held.count)),
                ])
        case ("POST", "faults"):
            guard let (kind, times) = Faults.read(value) else { return .refusal(400, "BAD_REQUEST", "no such fault") }
            state.faults.add(kind, times: times, method: value["method"]?.string)
        case ("DELETE", "faults"): state.faults.clear()
        case ("POST", "hold"): state.faults.isHolding = true
        case ("POST", "release"):
            state.faults.isHolding = false
            let held = state.held
            state.held = []
            for (request, complete) in held { take(request, &state, complete) }
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
