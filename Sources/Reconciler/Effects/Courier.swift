import Connecting
import EventModel
import EventSourcing
import FoundationEssentials
import Logging
import Reconciliation
import Synchronization

/// Carries out the pending effects of executions. What it is about to do is on record before it is done, and nothing is done twice on a guess.
///
/// Any number of couriers may attend to the same execution. Of those that want to send an effect, one is the first to put that on record; the others
/// leave it alone.
public struct Courier<Store: EventStore>: Sendable {
    private let desk: ReconcilingDesk<Store>
    private let engines: Engines
    private let courses = CourseMemory()
    private let limits: CourseLimits
    private let time: any Timekeeper
    private let logger: Logger

    /// A courier between a desk and the engines.
    public init(
        _ desk: ReconcilingDesk<Store>, to engines: Engines, limits: CourseLimits = CourseLimits(),
        time: any Timekeeper = SystemTimekeeper(), logger: Logger = Logger(label: "lockstep.reconciler")
    ) {
        self.desk = desk
        self.engines = engines
        self.limits = limits
        self.time = time
        self.logger = logger
    }

    /// What attending to an execution has come to.
    public struct Visit: Sendable, Equatable {
        /// Whether an effect has ended, so that the sides are to be looked at again.
        public var hasEnded = false
        /// When to come again; `nil` for not at all.
        public var again: Timestamp?
        /// The end of the execution's ledger when it holds nothing but what was known when the effects were attended to, and that they were sent.
        var known: StreamEnd?

        fileprivate mutating func comeAgain(_ moment: Timestamp) { again = min(again ?? moment, moment) }

        fileprivate mutating func know(_ end: StreamEnd) {
            guard let known, end.version.rawValue == known.version.rawValue + 1 else { return }
            self.known = end
        }
    }

    /// Does what is to be done about the effects of an execution now. Effects of one side are carried out one after the other, in the order in which they
    /// were requested.
    public func attend(to report: ReconcilingDesk<Store>.Report) async throws(DeskFault) -> Visit {
        courses.keep(Set(report.ledger.pending.map(\.effect.id)), of: report.key)
        var visit = Visit(known: report.note.ends.ledger)
        for pending in report.ledger.pending where pending.effect.action == .close {
            try await desk.closeSession(of: report.key)
            visit.hasEnded = true
        }
        for side in Side.allCases {
            guard let engine = side == .workflow ? engines.workflow : engines.journey else { continue }
            for pending in report.ledger.pending where pending.effect.side == side && pending.effect.action != .close {
                let errand = Errand(
                    effect: pending.effect, workspace: report.key.workspace, execution: report.key.execution,
                    workflow: report.workflow, session: report.session,
                    orderBy: limits.lastTry(of: pending.effect))
                let hand = EffectInHand(pending: pending, errand: errand, report: report)
                guard try await bring(hand, to: engine, &visit) else { break }
            }
        }
        return visit
    }

    /// Forgets what it remembers of executions that others attend to by now.
    func forget(where isForgotten: (ExecutionKey) -> Bool) { courses.forget(where: isForgotten) }

    /// Of how many executions it remembers effects that were tried.
    var remembered: Int { courses.count }

    /// Takes steps until there is none to take now.
    ///
    /// - Returns: whether the effect has ended, or was tried: then the next one of the side has its turn.
    private func bring(
        _ hand: EffectInHand<Store>, to engine: Engine, _ visit: inout Visit
    ) async throws(DeskFault) -> Bool {
        var hand = hand
        while true {
            let step = courses[hand.id, of: hand.key].step(hand.pending, at: time.now(), limits)
            switch step {
            case .wait(let until):
                visit.comeAgain(until)
                return hand.pending.isTried
            case .doubt(let because):
                guard try await doubt(because, &hand) else { return false }
            case .end, .send, .resend, .probe:
                // What nobody could try is not given up either while its engine is left alone.
                switch engine.enter() {
                case .failure(let closed):
                    visit.comeAgain(time.now().advanced(by: closed.wait))
                    return false
                case .success(let pass):
                    switch try await take(step, &hand, engine, pass, &visit) {
                    case .goesOn: continue
                    case .isOthers: return false
                    case .hasEnded:
                        visit.hasEnded = true
                        return true
                    }
                }
            }
        }
    }

    private enum Outcome { case goesOn, isOthers, hasEnded }

    private func take(
        _ step: EffectCourse.Step, _ hand: inout EffectInHand<Store>, _ engine: Engine, _ pass: Engine.Pass,
        _ visit: inout Visit
    ) async throws(DeskFault) -> Outcome {
        switch step {
        case .end(let end):
            engine.leave(pass)
            return try await finish(end, hand)
        case .send:
            let sent: StreamEnd?
            do throws(DeskFault) { sent = try await desk.send(hand.pending, by: hand.report) } catch {
                engine.leave(pass)
                throw error
            }
            guard let sent else {
                engine.leave(pass)
                return .isOthers
            }
            visit.know(sent)
            hand.pending = hand.pending.sent
            // Whoever was held up since is too late: others may be looking for it by now.
            guard time.now() < limits.lastTry(of: hand.pending.effect) else {
                engine.leave(pass)
                return .goesOn
            }
            return try await carryOut(&hand, engine, pass)
        case .resend: return try await carryOut(&hand, engine, pass)
        case .probe:
            let answer = await engine.probe(hand.errand, with: pass)
            note(hand, "probed", "\(answer)")
            guard let end = courses.receive(answer, about: hand.errand.effect, of: hand.key, at: time.now()) else {
                return .goesOn
            }
            return try await finish(end, hand)
        case .wait, .doubt:
            engine.leave(pass)
            return .goesOn
        }
    }

    private func carryOut(
        _ hand: inout EffectInHand<Store>, _ engine: Engine, _ pass: Engine.Pass
    ) async throws(DeskFault) -> Outcome {
        let answer = await engine.carryOut(hand.errand, with: pass)
        ReconcilerMeters.count(answer, of: hand.errand.effect.side)
        note(hand, "carried out", "\(answer)")
        switch answer {
        case .done: courses.settle(hand.id, of: hand.key)
        case .unavailable, .notNow: courses.miss(hand.id, of: hand.key, at: time.now())
        case .movedOn(let because): return try await finish(.stale(.movedOn, because: because), hand)
        case .refused(let because): return try await finish(.stale(.refused, because: because), hand)
        case .unknown(let because):
            courses.settle(hand.id, of: hand.key)
            guard try await doubt(because, &hand) else { return .isOthers }
        }
        return .goesOn
    }

    private func doubt(_ because: String, _ hand: inout EffectInHand<Store>) async throws(DeskFault) -> Bool {
        guard try await desk.record(.doubt(effect: hand.id, because: because, at: time.now()), of: hand.key) else {
            return false
        }
        hand.pending = hand.pending.doubted(because)
        return true
    }

    private func finish(_ end: EffectEnd, _ hand: EffectInHand<Store>) async throws(DeskFault) -> Outcome {
        try await desk.record(.end(effect: hand.id, end, at: time.now()), of: hand.key)
        return .hasEnded
    }

    private func note(_ hand: EffectInHand<Store>, _ what: String, _ answer: String) {
        logger.debug(
            "effect \(what)",
            metadata: [
                "execution": "\(hand.key.execution)", "effect": "\(hand.id)",
                "action": "\(hand.errand.effect.action.name)",
                "answer": "\(answer.prefix(100))",
            ])
    }
}

/// An effect that is being brought to its engine.
private struct EffectInHand<Store: EventStore>: Sendable {
    var pending: Ledger.Pending
    let errand: Errand
    /// Where it was found.
    let report: ReconcilingDesk<Store>.Report

    var key: ExecutionKey { report.key }
    var id: UUID { pending.effect.id }
}

/// What this process remembers of effects that were tried.
private final class CourseMemory: Sendable {
    private let courses = Mutex<[ExecutionKey: [UUID: EffectCourse]]>([:])

    subscript(_ effect: UUID, of key: ExecutionKey) -> EffectCourse {
        courses.withLock { $0[key]?[effect] ?? EffectCourse() }
    }

    var count: Int { courses.withLock(\.count) }

    func forget(where isForgotten: (ExecutionKey) -> Bool) {
        courses.withLock { courses in courses = courses.filter { !isForgotten($0.key) } }
    }

    /// Forgets the effects that have ended.
    func keep(_ pending: Set<UUID>, of key: ExecutionKey) {
        courses.withLock { courses in
            guard let known = courses[key] else { return }
            let kept = known.filter { pending.contains($0.key) }
            courses[key] = kept.isEmpty ? nil : kept
        }
    }

    func receive(_ answer: ProbeAnswer, about effect: Effect, of key: ExecutionKey, at now: Timestamp) -> EffectEnd? {
        change(effect.id, of: key) { $0.receive(answer, about: effect, at: now) }
    }

    func miss(_ effect: UUID, of key: ExecutionKey, at now: Timestamp) { change(effect, of: key) { $0.miss(at: now) } }

    func settle(_ effect: UUID, of key: ExecutionKey) { change(effect, of: key) { $0.settle() } }

    private func change<R>(_ effect: UUID, of key: ExecutionKey, _ body: (inout EffectCourse) -> R) -> R {
        courses.withLock { courses in
            var course = courses[key]?[effect] ?? EffectCourse()
            let result = body(&course)
            courses[key, default: [:]][effect] = course
            return result
        }
    }
}
