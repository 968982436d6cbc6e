import EventModel
import EventSourcing
import EventSourcingTesting
import JourneyDomain
import Reconciliation
import Synchronization
import WorkflowDomain

extension ReconcilingAudit {
    /// Looks once more at every execution, long afterwards: nothing is left to be done.
    func conclude(_ database: SimulatedDatabase, policy: Policy) {
        let log = database.withState { $0.log }
        for violation in LogAudit.orderViolations(of: log, distinctBy: { _ in nil }) { world.report(violation) }
        for execution in ReconcilingStage.executions {
            do { try check(execution, log, policy) } catch { report("\(execution) cannot be read: \(error)") }
        }
        let stories = state.withLock { $0.stories }
        for (id, story) in stories.sorted(by: { $0.key.uuidString < $1.key.uuidString }) {
            world.note("\(story.execution): \(story.effect.action.name) \(story.end.map { "\($0)" } ?? "-")")
            if story.end == nil { report("effect \(id) has no end") }
            if case .stale = story.end, story.times > 0 {
                report("effect \(id) of \(story.execution) was carried out, and is said to have come to nothing")
            }
        }
    }

    private func check(_ execution: String, _ log: InMemoryLog, _ policy: Policy) throws(EventFlaw) {
        func stream(_ category: String) -> StreamName { StreamName(trusting: "\(category)-\(execution)") }
        let workflow = try side(WorkflowSide(), of: log.events(of: stream(ExecutionID.category)))
        let journey = try side(JourneySide(), of: log.events(of: stream(JourneySessionEvent.category)))
        let ledger = try log.state(of: stream(ReconciliationEvent.category), by: ReconciliationDecider.self)
        let names = workflow.pin == nil ? nil : ReconcilingRoles.names
        let now = SimulatedClock.beginning.advanced(by: .microseconds(world.time))
        // What is stale is left alone, also when other rules come into force.
        let isStale = state.withLock { $0.stillness.isStale(execution) }
        let sides = Comparison.Sides(base: ledger.base, workflow: workflow, journey: journey, names: names)
        var look = Examination(
            sides: sides, circumstances: Circumstances(workflow, journey), names: names, policy: policy,
            telling: .engines,
            parties: Parties(
                workflow: "execution:\(execution)", journey: "execution:\(execution)",
                compared: Receipt.Compared(workflow: nil, journey: nil)),
            limits: ReconcilingRoles.ledgerLimits,
            at: now.advanced(by: .seconds(3_600)),
            seed: SequentialIDs.id(1, space: 0xfffe))
        var examined = ledger.examine(look)
        for rules in RulesInForce.policies where isStale && !examined.events.isEmpty {
            look.policy = rules
            examined = ledger.examine(look)
        }
        for event in examined.events { report("a further look at \(execution) would record \(event.kind)") }
        if Silence.canMove(workflow, journey), state.withLock({ $0.stillness.isOverlooked(execution, at: now) }) {
            report("nothing moves in \(execution) any more, and nobody says so")
        }
        for pending in ledger.pending { report("\(execution) still waits for \(pending.effect.action.name)") }
        for finding in examined.findings where finding.isDivergence {
            let hold = examined.holds[finding.path]
            world.note("\(execution) \(finding.path): \(hold?.rawValue ?? "none")")
            switch hold {
            case .queued, .over, .notYet: break
            // Every run has come to a wait or to its end.
            case .ahead, .effectPending, .pausing, .tooLarge, .nextLook, nil:
                report("\(execution) differs at \(finding.path), and nobody says why: \(hold?.rawValue ?? "-")")
            }
        }
        remember(execution, sides)
        var persons = PersonsWordsAudit()
        for event in log.events(of: stream(ReconciliationEvent.category)) {
            persons.take(try ReconciliationEvent(event))
        }
        for path in persons.forgotten(sides) where examined.holds[path] == nil {
            report("what a person has decided about \(path) of \(execution) was forgotten")
        }
    }

    private func side<S: HeardSide>(_ side: S, of events: [RecordedEvent]) throws(EventFlaw) -> S {
        var side = side
        for event in events where event.type.rawValue.hasPrefix(event.category.rawValue + ".") {
            side.hear(try S.Told(event), at: Origin(event.position, actor: event.actor))
        }
        return side
    }

    /// What a side has said last is what it says, or it is in a decision.
    private func remember(_ execution: String, _ sides: Comparison.Sides) {
        let (words, findings) = state.withLock { ($0.words, $0.findings[execution] ?? []) }
        for (word, value) in words where word.execution == execution {
            let said = FieldValue(value)
            let claims = word.side == .workflow ? sides.workflow : sides.journey
            if claims[word.path]?.value == said { continue }
            let isKept = findings.contains { finding in
                finding.path.field == word.path && finding.says(value, word.side)
            }
            if !isKept {
                report("the word of the \(word.side.rawValue) of \(execution) about \(word.path) is lost: \(value)")
            }
        }
    }
}

extension Finding {
    /// Whether a side says this value of the field in it, or the member of the value that it is about.
    fileprivate func says(_ value: JSONValue, _ side: Side) -> Bool {
        var member: JSONValue? = value
        for name in path.members { member = member?[name.text] }
        guard let member else { return self[side] == nil }
        return self[side] == FieldValue(member)
    }
}
