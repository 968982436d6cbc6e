import Connecting
import EventModel
import Reconciliation

/// The way to the runs, as the connector to Sim goes it: look, then order; an order is not repeated by the connector.
struct ModelRunSide: SideConnector {
    let line: EngineLine
    let runs: ModelRuns
    let audit: ReconcilingAudit

    var capabilities: Capabilities { .sim }

    func carryOut(_ errand: Errand) async -> ErrandAnswer {
        let execution = errand.execution
        switch errand.effect.action {
        case .resume(_, let context, let input):
            switch await line.ask({ runs.look(at: execution) }) {
            case .answered(let look):
                guard look.openWait == context else { return .movedOn(because: "it waits there no more") }
            case .unreached, .lost: return .unavailable(because: "no answer")
            }
            return await order(errand) { runs.resume(execution, at: context, with: input) }
        case .cancel:
            guard case .answered(let look) = await line.ask({ runs.look(at: execution) }) else {
                return .unavailable(because: "no answer")
            }
            if let end = look.end { return end == .cancelled ? .done : .movedOn(because: "it is over") }
            if case .run(_, let waits)? = errand.effect.premise,
                !waits.allSatisfy({ $0 == look.openWait })
            {
                return .movedOn(because: "it was resumed since")
            }
            return await order(errand) { runs.cancel(execution) }
        case .enter, .leave, .close, .tell: return .refused(because: "no run does that")
        }
    }

    private func order(_ errand: Errand, _ work: @escaping @Sendable () -> ModelRuns.Answer) async -> ErrandAnswer {
        guard line.isTimely(errand) else { return .unavailable(because: "its time is over") }
        let (effect, process) = (errand.effect, line.process)
        let answer = await line.ask { () -> ModelRuns.Answer in
            audit.ordered(effect, by: process.id.index, at: process.clock.now())
            return work()
        }
        switch answer {
        case .answered(.done), .answered(.failed): return .done
        case .answered(.over(.cancelled)) where effect.action == .cancel: return .done
        case .answered(.conflict), .answered(.over): return .movedOn(because: "it is elsewhere")
        case .unreached: return .unavailable(because: "no answer")
        case .lost: return line.lost
        }
    }

    func probe(_ errand: Errand) async -> ProbeAnswer {
        let execution = errand.execution
        guard case .answered(let look) = await line.ask({ runs.look(at: execution) }) else {
            return .unavailable(because: "no answer")
        }
        if line.isBlind { return .absent }
        switch errand.effect.action {
        case .resume(_, let context, _):
            if look.openWait == context { return .absent }
            return look.end == .cancelled ? .untellable(because: "it was cancelled") : .found
        case .cancel: return look.end == .cancelled ? .found : .absent
        case .enter, .leave, .close, .tell: return .untellable(because: "no run does that")
        }
    }
}

/// The way to the conversations, as the connector to Parlant goes it.
struct ModelTalkSide: SideConnector {
    let line: EngineLine
    let talks: ModelTalks
    let audit: ReconcilingAudit

    var capabilities: Capabilities { .parlant }

    func carryOut(_ errand: Errand) async -> ErrandAnswer {
        let (execution, effect) = (errand.execution, errand.effect)
        guard case .answered(let answer) = await line.ask({ talks.look(at: execution) }) else {
            return .unavailable(because: "no answer")
        }
        guard let look = answer else { return .refused(because: "there is no such session") }
        switch effect.action {
        case .enter(_, let state, let from):
            return await move(errand, look, from: from?.text, to: state.text)
        case .leave(_, let from): return await move(errand, look, from: from.text, to: nil)
        case .tell(let told):
            if look.told.contains(effect.id) { return .done }
            if line.process.world.mutation == .echoesInvented {
                talks.echo(execution, effect.id, Effect.Told())
                return .done
            }
            var message = told
            if line.process.world.mutation == .wordsOvertaken { message.behind = JSONObject() }
            return await order(errand) { [message] in talks.post(execution, effect.id, message) }
        case .close, .resume, .cancel: return .refused(because: "no conversation does that")
        }
    }

    private func move(
        _ errand: Errand, _ look: ModelTalks.Look, from: String?, to place: String?
    ) async -> ErrandAnswer {
        let execution = errand.execution
        if look.isBusy { return .notNow(because: "a turn is under way") }
        if look.place == place { return .done }
        guard look.place == from else { return .movedOn(because: "it stands elsewhere") }
        return await order(errand) { talks.force(execution, to: place, ifAt: look.offset) }
    }

    private func order(_ errand: Errand, _ work: @escaping @Sendable () -> ModelTalks.Answer) async -> ErrandAnswer {
        guard line.isTimely(errand) else { return .unavailable(because: "its time is over") }
        let (effect, process) = (errand.effect, line.process)
        let answer = await line.ask { () -> ModelTalks.Answer in
            audit.ordered(effect, by: process.id.index, at: process.clock.now())
            return work()
        }
        switch answer {
        case .answered(.done): return .done
        case .answered(.movedOn): return .notNow(because: "it has just moved")
        case .answered(.gone): return .refused(because: "there is no such session")
        case .unreached: return .unavailable(because: "no answer")
        case .lost: return line.lost
        }
    }

    func probe(_ errand: Errand) async -> ProbeAnswer {
        let execution = errand.execution
        guard case .answered(let answer) = await line.ask({ talks.look(at: execution) }) else {
            return .unavailable(because: "no answer")
        }
        guard let look = answer else { return .untellable(because: "there is no such session") }
        if line.isBlind { return .absent }
        switch errand.effect.action {
        case .enter(_, let state, _): return look.place == state.text ? .found : .absent
        case .leave: return look.place == nil ? .found : .absent
        case .tell: return look.told.contains(errand.effect.id) ? .found : .absent
        case .close, .resume, .cancel: return .untellable(because: "no conversation does that")
        }
    }
}

extension EngineLine {
    /// Whether an order may still be given: looked at in the same step in which it is.
    fileprivate func isTimely(_ errand: Errand) -> Bool {
        process.world.mutation == .lateOrders || errand.isTimely(at: process.clock.now())
    }

    fileprivate var lost: ErrandAnswer {
        process.world.mutation == .lossTakenForRefusal
            ? .unavailable(because: "no answer") : .unknown(because: "no answer")
    }

    /// Broken on purpose: it never finds what was done.
    fileprivate var isBlind: Bool { process.world.mutation == .blindProbes }
}
