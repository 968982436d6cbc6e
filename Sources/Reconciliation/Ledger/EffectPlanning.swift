import EventModel
import WorkflowDomain

/// Finds what a side has to do so that it holds what was decided. Pure; what cannot be done now is said with the reason.
struct EffectPlanning: Sendable {
    /// Something that a side is to hold.
    struct Order: Equatable, Sendable {
        let finding: Finding
        let value: FieldValue?
        /// Whether a person says so: then a conversation may be moved back as well.
        var isPersons = false

        var path: FieldPath { finding.path }
    }

    /// Something that a side can do, and the orders that it fulfils.
    struct Step: Equatable, Sendable {
        let action: Effect.Action
        let fields: [FieldPath]
    }

    /// What follows for one side.
    struct Outcome: Equatable, Sendable {
        var steps: [Step] = []
        /// Orders that can be fulfilled later: there is nobody to tell yet, or nothing to tell yet.
        var later: Set<FieldPath> = []
        /// Orders that would move the conversation back while the run may still come to where it stands.
        var behind: Set<FieldPath> = []
        /// Orders that can never be fulfilled.
        var never: Set<FieldPath> = []
    }

    let sides: Comparison.Sides
    let circumstances: Circumstances
    let names: MappedNames?

    func plan(_ orders: [Order], for side: Side) -> Outcome {
        guard !orders.isEmpty else { return Outcome() }
        switch side {
        case .workflow: return planWorkflow(orders)
        case .journey: return planJourney(orders)
        }
    }
}

// MARK: The workflow

extension EffectPlanning {
    /// A workflow can be cancelled, and it can be resumed where it waits, with what was collected for that block.
    private func planWorkflow(_ orders: [Order]) -> Outcome {
        var outcome = Outcome()
        guard let status = circumstances.status else {
            outcome.later = Set(orders.map(\.path))
            return outcome
        }
        var rest = orders
        if let order = rest.first(where: { $0.path == .status }), order.value == .status(.cancelled), !status.isTerminal
        {
            outcome.steps.append(Step(action: .cancel, fields: [order.path]))
            // A run that is cancelled goes nowhere. What else it was to hold is looked at when it has ended.
            outcome.later = Set(orders.map(\.path).filter { $0 != order.path })
            return outcome
        }
        for wait in circumstances.waits.sorted(by: { $0.context < $1.context }) {
            let passed = rest.filter { $0.path == .step(wait.block) && $0.value == .step(.completed) }
            guard !passed.isEmpty else { continue }
            let given = rest.filter { $0.path.root == .inputs && $0.path.names.first == wait.block }
            rest.removeAll { order in (passed + given).contains(order) }
            guard let input = input(of: wait.block, given) else {
                outcome.never.formUnion((passed + given).map(\.path))
                continue
            }
            outcome.steps.append(
                Step(
                    action: .resume(block: wait.block, context: wait.context, input: input),
                    fields: (passed + given).map(\.path)))
        }
        for order in rest {
            // What was collected is given when the block is passed.
            let isCollecting =
                order.path.root == .inputs && circumstances.waits.contains { $0.block == order.path.names.first }
            if isCollecting { outcome.later.insert(order.path) } else { outcome.never.insert(order.path) }
        }
        return outcome
    }

    /// What was collected for a block, with what was decided of it; an empty object where nothing was. `nil` when it cannot be read.
    private func input(of block: ElementID, _ orders: [Order]) -> JSONValue? {
        let field = FieldPath(.inputs, [block])
        guard let value = value(of: field, said: sides.journey[field]?.value, orders) else {
            return .object(JSONObject())
        }
        guard case .content(let input) = value, !value.holdsHidden else { return nil }
        return input
    }

    /// What a side says of a field, with what was decided of it and of members of its data.
    private func value(of field: FieldPath, said: FieldValue?, _ orders: [Order]) -> FieldValue? {
        var agreement = Agreement()
        if let said { agreement[field] = said }
        agreement.settle(orders.filter { $0.path.field == field }.map { ($0.path, $0.value) })
        return agreement[field]
    }
}

// MARK: The journey

extension EffectPlanning {
    /// A conversation can be moved to a state, led out of the journey, and told values.
    private func planJourney(_ orders: [Order]) -> Outcome {
        var outcome = Outcome()
        guard circumstances.hasSession, let names else {
            outcome.later = Set(orders.map(\.path))
            return outcome
        }
        if let order = orders.first(where: { $0.path == .status }) {
            guard case .status(let status)? = order.value, status.isTerminal else {
                outcome.never.insert(order.path)
                return merging(outcome, planMove(orders.filter { $0.path.root == .steps }, names), orders, names)
            }
            // A conversation that leaves goes nowhere else.
            let steps = orders.map(\.path).filter { $0.root == .steps }
            let place = circumstances.places[names.journeyID]
            let action = place.map { Effect.Action.leave(journey: names.journeyID, from: $0) } ?? .close
            outcome.steps.append(Step(action: action, fields: [order.path] + steps))
            return merging(outcome, Outcome(), orders, names)
        }
        return merging(outcome, planMove(orders.filter { $0.path.root == .steps }, names), orders, names)
    }

    private func merging(_ first: Outcome, _ move: Outcome, _ orders: [Order], _ names: MappedNames) -> Outcome {
        var outcome = planTelling(orders, names)
        // Values are told before the conversation moves on: what it says next may need them.
        outcome.steps += first.steps + move.steps
        outcome.later.formUnion(first.later.union(move.later))
        outcome.never.formUnion(first.never.union(move.never))
        outcome.behind.formUnion(first.behind.union(move.behind))
        return outcome
    }

    /// One conversation stands in one state of a journey. Of several blocks at work it is led to the first, and stays while it stands at any of them.
    private func planMove(_ orders: [Order], _ names: MappedNames) -> Outcome {
        var outcome = Outcome()
        guard !orders.isEmpty else { return outcome }
        let paths = Set(orders.map(\.path))
        let place = circumstances.places[names.journeyID]
        let atWork = sides.workflow.all.filter { $0.value == .step(.started) }.compactMap { claim -> ElementID? in
            guard let block = claim.path.names.first, claim.path.root == .steps else { return nil }
            return names.states(of: block).isEmpty ? nil : block
        }
        if let place, atWork.contains(where: { names.states(of: $0).contains(place) }) {
            outcome.later = paths
            return outcome
        }
        let targets = orders.filter { $0.value == .step(.started) }.compactMap { $0.path.names.first }
        guard let target = (targets.filter(atWork.contains).first ?? atWork.first ?? targets.first),
            let state = names.states(of: target).first
        else {
            // Between two blocks there is nowhere to lead it.
            outcome.later = paths
            return outcome
        }
        guard !isMovedBack(to: state, from: place, by: orders, names) else {
            // A run that stands still comes no nearer by itself: then a person has to be asked.
            if circumstances.goesOn { outcome.behind = paths } else { outcome.never = paths }
            return outcome
        }
        let (settled, others) = (
            orders.filter { settles($0, entering: target, from: place, names) },
            orders.filter { !settles($0, entering: target, from: place, names) }
        )
        if !settled.isEmpty {
            outcome.steps = [
                Step(
                    action: .enter(journey: names.journeyID, state: state, from: place), fields: settled.map(\.path))
            ]
        }
        for order in others {
            if order.value == .step(.started) {
                outcome.later.insert(order.path)
            } else {
                outcome.never.insert(order.path)
            }
        }
        return outcome
    }

    /// Whether the conversation would lose what it has reached by itself. Where it stands was not decided against: whoever is behind follows.
    private func isMovedBack(to state: ElementID, from place: ElementID?, by orders: [Order], _ names: MappedNames)
        -> Bool
    {
        guard let place, let graph = names.graph, let block = names.block(of: place),
            sides.journey[.step(block)]?.value == .step(.started),
            !orders.contains(where: { $0.path == .step(block) || $0.isPersons })
        else { return false }
        return graph.isBehind(state, place)
    }

    /// Entering a state makes its block the one at work, and passes the block where the conversation stood. If it ought not to have come to that block, no
    /// more can be done than to take it out of there.
    private func settles(_ order: Order, entering target: ElementID, from place: ElementID?, _ names: MappedNames)
        -> Bool
    {
        guard let block = order.path.names.first else { return false }
        switch order.value {
        case .step(.started)?: return block == target
        case .step(.completed)?, .step(.failed)?, nil: return place.map(names.states(of: block).contains) ?? false
        case .step(.skipped)?, .status?, .content?, .hidden?: return false
        }
    }

    /// All values in one message, each variable whole.
    private func planTelling(_ orders: [Order], _ names: MappedNames) -> Outcome {
        var outcome = Outcome()
        let told = orders.filter { $0.path.root == .variables || $0.path.root == .inputs }
        for order in orders where order.path.root == .outputs || order.path.root == .error {
            outcome.never.insert(order.path)
        }
        var message = Effect.Told()
        var fields: [FieldPath] = []
        for (field, orders) in Dictionary(grouping: told, by: \.path.field).sorted(by: { $0.key < $1.key }) {
            let paths = orders.map(\.path)
            let value = value(of: field, said: sides.journey[field]?.value, orders)
            // A conversation can be told what is so, not that something is so no more.
            guard let name = field.names.first, case .content(let data)? = value, value?.holdsHidden == false,
                field.root == .variables || data.object != nil
            else {
                outcome.never.formUnion(paths)
                continue
            }
            if field.root == .variables {
                guard let key = names.key(of: name) else {
                    outcome.never.formUnion(paths)
                    continue
                }
                message.values[key] = data
            } else {
                guard let state = names.states(of: name).first else {
                    outcome.never.formUnion(paths)
                    continue
                }
                message.inputs[state.text] = data
            }
            fields += paths
        }
        guard !fields.isEmpty else { return outcome }
        message.behind = circumstances.sayings.places(for: message, by: names)
        outcome.steps.append(Step(action: .tell(message), fields: fields))
        return outcome
    }
}

// MARK: Echoes

extension Ledger.Pending {
    /// Whether the sides say that it was carried out.
    func isEchoed(by circumstances: Circumstances) -> Bool {
        if circumstances.echoes.contains(effect.id.uuidString.lowercased()) { return true }
        switch effect.action {
        case .resume(_, let context, _):
            if circumstances.status?.isTerminal == true || circumstances.resumed.contains(context) { return true }
            // An engine that tells of no resumption goes on; before anybody has tried, that is another's doing.
            return isTried && !circumstances.waits.contains { $0.context == context }
        case .cancel: return circumstances.status?.isTerminal == true
        case .enter(let journey, let state, _): return circumstances.places[journey] == state
        case .leave(let journey, _): return circumstances.hasSession && circumstances.places[journey] == nil
        case .close: return !circumstances.hasSession
        case .tell: return false
        }
    }
}
