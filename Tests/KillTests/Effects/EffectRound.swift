import Foundation

/// One run that waits, and one strike at whoever brings it its answer.
struct EffectRound: Sendable {
    let stage: EffectStage
    let run: String
    let plan: EffectPlan

    /// - Returns: who was struck.
    func perform(_ answer: String) async throws -> String {
        try await stage.engine.execute(run)
        try await Patience.until("\(run) waits") {
            try await stage.observer.number(
                "select count(*) from lockstep.event_log where stream = 'workflow_execution-\(run)' and type = 'workflow_execution.wait_started'"
            ) > 0
        }
        try await stage.talks.begin(run)
        return plan.step.isStored ? try await strikeAtLog(answer) : try await strikeAtEngine(answer)
    }

    private func strikeAtLog(_ answer: String) async throws -> String {
        if plan.step == .doubting { try await stage.engine.loseAnswer() }
        return try await EffectGate.closed(
            stage.observer, at: plan.step.rawValue, of: "reconciliation-\(run)"
        ) { open in
            try await stage.talks.answer(run, answer)
            var name: String?
            try await Patience.until("somebody is \(plan.step)") {
                name = try await EffectGate.stopped(stage.observer)
                return name != nil
            }
            guard let victim = stage.reconcilers.first(where: { $0.name == name }) else {
                throw Flawed(flaws: ["\(name ?? "nobody") is no reconciler"])
            }
            switch plan.strike {
            case .kill, .killEngine:
                victim.signal(SIGKILL)
                try await open()
            case .killBehind:
                try await open()
                victim.signal(SIGKILL)
            case .pause:
                victim.signal(SIGSTOP)
                defer { victim.signal(SIGCONT) }
                try await open()
                try await outlast(victim)
            }
            return victim.name
        }
    }

    private func strikeAtEngine(_ answer: String) async throws -> String {
        if plan.step == .ordering { try await stage.engine.hold() }
        try await stage.talks.answer(run, answer)
        try await Patience.until("the engine is asked") {
            let standing = try await stage.engine.standing()
            // An answer that nobody waits for any more came too early to be struck at.
            let isOver = try stage.engine.resumptions()[run] != nil
            return plan.step == .ordering ? standing.held > 0 : standing.waiting > 0 || isOver
        }
        let victim = try await stage.reconciler(of: run)
        switch plan.strike {
        case .kill, .killBehind:
            if plan.strike == .killBehind, plan.step == .ordering { try await stage.engine.release() }
            victim.signal(SIGKILL)
            if plan.step == .ordering { try await stage.engine.release() }
            return victim.name
        case .pause:
            victim.signal(SIGSTOP)
            defer { victim.signal(SIGCONT) }
            if plan.step == .ordering { try await stage.engine.release() }
            try await outlast(victim)
            return victim.name
        case .killEngine:
            try await stage.engine.restart()
            return "the engine"
        }
    }

    /// Until the other one has taken its place, and has looked round.
    private func outlast(_ victim: Member) async throws {
        try await Patience.until("the lanes of \(victim.name), which is paused, are taken over") {
            try await stage.observer.number(
                "select count(*) from lockstep.leases where holder = '\(victim.name)' and name like 'reconciler/%' and expires_at > '-infinity'"
            ) == 0
        }
        let end = ContinuousClock.now + .milliseconds(500)
        try await Patience.until("the other one works") { ContinuousClock.now >= end }
    }
}
