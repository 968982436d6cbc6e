import EventModel
import Foundation
import NIOCore
import StandInDoor
import Synchronization

/// The stand-in with a clock, its journal and the callers who wait. Everything happens in the order of one lock.
final class House: Household {
    /// The most callers who wait at the same time.
    static let mostWaiting = 1_000

    private struct Waiter {
        let look: Look
        let deadline: Timestamp
        let wrap: Gate.Wrapping
        let complete: Completion
    }

    private struct State {
        var core: StandIn
        var gate = Gate()
        var waiters: [Waiter] = []
        let journal: LineFile?
        var clock: AlarmClock
    }

    private let state: Mutex<State>
    /// Another text after each start.
    private let instance = UUID().uuidString.lowercased()

    /// - Parameter statePath: where its orders are kept; it goes on from there.
    init(_ core: StandIn, statePath: String? = nil, on loop: any EventLoop) throws {
        var core = core.renamed(UUID().uuidString.lowercased())
        var journal: LineFile?
        if let statePath {
            let (file, lines) = try LineFile.open(statePath)
            if lines.isEmpty { try file.write([core.beginning]) } else { try core.goOn(lines, of: statePath) }
            journal = file
        }
        state = Mutex(State(core: core, journal: journal, clock: AlarmClock(on: loop)))
        state.withLock { schedule(&$0) }
    }

    /// As the protocol says.
    func take(_ request: Request, _ complete: @escaping Completion) {
        state.withLock { take(request, &$0, complete) }
    }

    private func take(_ request: Request, _ state: inout State, _ complete: @escaping Completion) {
        if request.path.first == "_stand_in" {
            if let (reply, released) = state.gate.order(request, at: state.clock.now) {
                for (request, complete) in released { take(request, &state, complete) }
                return complete(.reply(reply))
            }
            // Customers come whatever goes wrong with the server's callers.
            return serve(request, &state, { .reply($0) }, complete)
        }
        if let wrap = state.gate.admit(request, at: state.clock.now, complete) {
            serve(request, &state, wrap, complete)
        }
    }

    private func serve(
        _ request: Request, _ state: inout State, _ wrap: @escaping Gate.Wrapping, _ complete: @escaping Completion
    ) {
        state.core.pass(until: state.clock.now)
        guard request.method == "GET" else { return complete(wrap(carryOut(request, &state))) }
        let look = Look(request)
        let mayWait = look.patience > .zero && state.waiters.count < Self.mostWaiting
        if let reply = look.answer(state.core, instance: instance, isLast: !mayWait) { return complete(wrap(reply)) }
        state.waiters.append(
            Waiter(
                look: look, deadline: state.clock.now.advanced(by: look.patience), wrap: wrap, complete: complete))
        schedule(&state)
    }

    private func carryOut(_ request: Request, _ state: inout State) -> Reply {
        guard let order = Order(request) else { return .detail(422, "JSON decode error") }
        let now = state.clock.now
        do { try state.journal?.write([request.line(order, at: now)]) } catch {
            return .detail(500, "the journal cannot be written")
        }
        let reply = state.core.receive(order, at: now)
        settle(&state)
        return reply
    }

    private func settle(_ state: inout State) {
        let now = state.clock.now
        let core = state.core
        state.waiters = state.waiters.filter { waiter in
            guard let reply = waiter.look.answer(core, instance: instance, isLast: waiter.deadline <= now) else {
                return true
            }
            waiter.complete(waiter.wrap(reply))
            return false
        }
        schedule(&state)
    }

    private func schedule(_ state: inout State) {
        let moments = [state.core.due].compactMap { $0 } + state.waiters.map(\.deadline)
        state.clock.set(for: moments) { [weak self] in self?.wake() }
    }

    private func wake() {
        state.withLock { state in
            state.core.pass(until: state.clock.now)
            settle(&state)
        }
    }
}

// MARK: Its journal

extension StandIn {
    /// What a journal begins with: what must be the same when it is gone on with, and the name that ids are made of.
    fileprivate var beginning: JSONValue {
        [
            "life": .string(life), "delay": .string("\(settings.turnDelay)"),
            "agents": .array(settings.agents.sorted().map { .string($0) }),
        ]
    }

    /// Becomes what the lines of a journal lead to.
    fileprivate mutating func goOn(_ lines: [[UInt8]], of path: String) throws {
        let first = try lines.first.map { try JSONValue($0, limits: .file) }
        guard let life = first?["life"]?.string, first == renamed(life).beginning else {
            throw LineFileFlaw(
                description: "\(path) was made with other agents or delays; start with the same, or with another file")
        }
        self = renamed(life)
        for (at, line) in lines.dropFirst().enumerated() {
            let value = try JSONValue(line, limits: .file)
            guard let moment = value["at"]?.number.flatMap({ Int64($0.lexeme) }), let order = Order(line: value) else {
                throw LineFileFlaw(
                    description: "line \(at + 2) of \(path) is not understood; start with another file")
            }
            _ = receive(order, at: Timestamp(microseconds: moment))
        }
    }
}

extension Request {
    fileprivate func line(_ order: Order, at now: Timestamp) -> JSONValue {
        .object(
            JSONObject(omittingNil: [
                "at": .number(JSONNumber(now.microseconds)), "method": .string(method), "target": .string(target),
                "match": order.match.map { .string($0) }, "body": .object(order.body),
            ]))
    }
}
