import EventModel
import EventSourcingTesting
import WorkflowDomain

@testable import Reconciliation

/// Sides of executions from a seed: each begins with what both agreed on and has changed some of it.
struct RandomSides {
    private static let blocks = ["start", "check", "ask", "pay"].map { ElementID($0) }
    private static let variables = ["total", "customer"].map { ElementID($0) }
    private static let journeySteps: [VisitStatus] = [.started, .completed]
    private static let journeyStatuses: [ExecutionStatus] = [.running, .completed, .cancelled]

    var random: SeededGenerator
    private var position: Int64 = 0

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func next() -> Comparison.Sides {
        let workflow = claims(of: .workflow)
        let words = Vocabulary.conversation
        // The journey says the same in its words, and then each moves on by itself.
        var journey = Claims(
            workflow.all.compactMap { claim in
                guard words.tells(claim.path.root), let value = words.word(for: claim.value) else {
                    return nil
                }
                return Claim(claim.path, value, origin())
            })
        var moved = workflow
        let base = Agreement(workflow.all.map { Agreement.Field($0.path, $0.value) })
        for _ in 0..<random.below(5) { change(&moved, of: .workflow) }
        for _ in 0..<random.below(5) { change(&journey, of: .journey) }
        return Comparison.Sides(base: base, workflow: moved, journey: journey)
    }

    private mutating func origin() -> Origin {
        position += 1
        return Origin(GlobalPosition(position))
    }

    private mutating func claims(of side: Side) -> Claims {
        var claims = Claims()
        for _ in 0..<random.below(8) { change(&claims, of: side) }
        return claims
    }

    private mutating func change(_ claims: inout Claims, of side: Side) {
        let path = path()
        guard side == .workflow || Vocabulary.conversation.tells(path.root) else { return }
        guard random.below(6) > 0 else { return claims.remove(path) }
        claims.set(Claim(path, value(at: path, of: side, now: claims[path]?.value), origin()))
    }

    private mutating func path() -> FieldPath {
        let roots: [FieldPath.Root] = [.status, .steps, .steps, .variables, .variables, .inputs, .outputs, .error]
        switch roots[random.below(roots.count)] {
        case .status: return .status
        case .error: return FieldPath(.error)
        case .variables: return FieldPath(.variables, [Self.variables[random.below(2)]])
        case let root: return FieldPath(root, [Self.blocks[random.below(4)]])
        }
    }

    private mutating func value(at path: FieldPath, of side: Side, now: FieldValue?) -> FieldValue {
        switch path.root {
        case .status:
            let all = side == .workflow ? ExecutionStatus.allCases : Self.journeyStatuses
            return .status(all[random.below(all.count)])
        case .steps:
            let all = side == .workflow ? VisitStatus.allCases : Self.journeySteps
            return .step(all[random.below(all.count)])
        case .variables, .inputs, .outputs, .error: return data(now)
        }
    }

    /// Now and then one member of what is there, else something new.
    private mutating func data(_ now: FieldValue?) -> FieldValue {
        if case .content(.object(var object))? = now, random.below(3) > 0 {
            object[["a", "b", "c"][random.below(3)]] = random.below(4) == 0 ? nil : json(depth: 1)
            return FieldValue(.object(object))
        }
        return FieldValue(json(depth: 2))
    }

    private mutating func json(depth: Int) -> JSONValue {
        switch random.below(depth > 0 ? 6 : 3) {
        case 0: return .number(JSONNumber(random.below(4)))
        case 1: return .string(["x", "y"][random.below(2)])
        case 2: return .null
        case 3: return .array((0..<random.below(3)).map { _ in .number(JSONNumber(random.below(3))) })
        default:
            var object = JSONObject()
            for name in ["a", "b", "c"] where random.below(2) == 0 { object[name] = json(depth: depth - 1) }
            return .object(object)
        }
    }
}

extension RandomSides {
    private static let patterns = [
        "**", "status", "steps/*", "steps/ask", "variables/**", "variables/customer/a", "inputs/*/**", "outputs/**",
        "variables/total",
    ].compactMap { try? PathPattern($0) }

    /// What the sides can be told: now and then what the engines declare, else anything.
    mutating func telling() -> Telling {
        random.below(3) == 0 ? .engines : Telling(workflow: capabilities(), journey: capabilities())
    }

    /// Hand-overs of some fields.
    mutating func ownership() -> Ownership {
        let owners: [Side?] = [.workflow, .journey, nil]
        return Ownership(
            (0..<random.below(3)).map { place in
                Ownership.Handover(
                    Self.patterns[random.below(Self.patterns.count)], to: owners[random.below(3)],
                    since: Origin(GlobalPosition(Int64(place + 1))))
            })
    }

    private mutating func capabilities() -> Capabilities {
        Capabilities(
            (0..<random.below(6)).map { _ in
                let pattern = Self.patterns[random.below(Self.patterns.count)]
                return Capabilities.Declaration(
                    pattern, settability(), only: random.below(5) == 0 ? ["completed", "cancelled"] : nil,
                    whereItWaits: random.below(6) == 0, because: "generated")
            })
    }

    private mutating func settability() -> Capabilities.Settability {
        switch random.below(4) {
        case 0: .readOnly
        case 1: .settableWhen(Set(ExecutionStatus.allCases.filter { _ in random.below(2) == 0 }))
        default: .settable
        }
    }
}

extension Comparison.Sides {
    /// The sides after both have done as they were told, each in its own words.
    func obeying(_ plan: Plan) -> Comparison.Sides {
        var sides = self
        sides.base = plan.agreement
        for order in plan.orders {
            switch order.side {
            case .workflow: sides.workflow.obey(order, in: workflowWords)
            case .journey: sides.journey.obey(order, in: journeyWords)
            }
        }
        return sides
    }
}

extension Claims {
    fileprivate mutating func obey(_ order: Plan.Order, in words: Vocabulary) {
        var held = Agreement(all.map { Agreement.Field($0.path, $0.value) })
        held.settle(order.path, as: order.path.members.isEmpty ? order.value.flatMap(words.word) : order.value)
        let field = order.path.field
        guard let value = held[field] else { return remove(field) }
        set(Claim(field, value, Origin(GlobalPosition(1_000_000))))
    }
}
