import EventModel
import FoundationEssentials
import Testing
import WorkflowDomain

@testable import Reconciliation

/// What two engines say may be as much as their reports hold. What follows from it has to fit the log all the same: else nobody could ever look again.
@Suite struct `What a look records fits the log` {
    static let passing = Policy(name: "passing", version: 1, rules: [PolicyRule(.everything, .workflowWins)])

    private func text(_ bytes: Int, _ mark: Character = "x") -> JSONValue {
        .string(String(repeating: mark, count: bytes))
    }

    private func names(_ count: Int) -> [String] { (0..<count).map { "v\($0)" } }

    /// Variables that are not agreed on.
    private func missing(_ count: Int, _ world: LargeWorld) -> [String] {
        names(count).filter { world.ledger.base[LargeWorld.variable($0)] == nil }
    }

    private func told(_ world: LargeWorld) -> Int {
        world.log.count { if case .effectRequested(let effect, _) = $0 { effect.action.name == "tell" } else { false } }
    }

    @Test
    func `a conversation that is bound late is told everything that it has missed, in as many messages as it takes`()
        throws
    {
        var world = LargeWorld(policy: Self.passing, variables: names(10))
        try world.lookOn()
        for name in names(10) { world.say(LargeWorld.variable(name), text(60 << 10), by: .workflow) }
        world.say(LargeWorld.input("b0"), ["note": text(300 << 10)], by: .workflow)
        let examined = try world.comeToRest()
        #expect(examined.isConverged)
        #expect(told(world) > 1)
        #expect(missing(10, world).isEmpty)
    }

    @Test func `a workflow is not resumed with more than fits, nor without it, until there is less`() throws {
        var world = LargeWorld(policy: Self.passing)
        try world.lookOn()
        world.circumstances.status = .waiting
        world.circumstances.waits = [Circumstances.Wait(block: "b1", context: "c1")]
        world.say(.step("b1"), .step(.started), by: .workflow)
        world.say(.step("b1"), .step(.completed), by: .journey)
        world.say(LargeWorld.input("b1"), ["a": text(450 << 10), "b": text(450 << 10)], by: .journey)
        let examined = try world.lookOn()
        #expect(examined.holds[LargeWorld.input("b1")] == .tooLarge)
        #expect(examined.holds[.step("b1")] == .tooLarge)
        #expect(examined.apart.count == 2)
        #expect(world.ledger.pending.isEmpty)
        world.say(LargeWorld.input("b1"), ["a": text(450 << 10), "b": "short"], by: .journey)
        try world.lookOn()
        #expect(world.ledger.pending.map(\.effect.action.name) == ["resume"])
        #expect(try world.comeToRest().isConverged)
    }

    @Test func `more agreement than one append holds is recorded by the next looks, at once`() throws {
        var world = LargeWorld(policy: Self.passing, variables: names(20))
        for name in names(20) {
            for side in Side.allCases { world.say(LargeWorld.variable(name), text(600 << 10), by: side) }
        }
        try world.lookOn()
        #expect(world.appends.count == 3)
        #expect(missing(20, world).isEmpty)
    }

    @Test func `more conflicts than one append holds wait for a person after the next looks, at once`() throws {
        var world = LargeWorld(policy: ModelWorld.manual, variables: names(30))
        for name in names(30) {
            world.say(LargeWorld.variable(name), text(300 << 10, "w"), by: .workflow)
            world.say(LargeWorld.variable(name), text(300 << 10, "j"), by: .journey)
        }
        try world.lookOn()
        #expect(world.appends.count > 1)
        #expect(world.ledger.queue.count == 30)
    }

    @Test(arguments: [1_100, 20])
    func `more decisions than one append holds are taken by the next looks, each with what carries it out`(_ count: Int)
        throws
    {
        // Many small ones, or few whose old values are large.
        let size = count > 100 ? 10 : 350 << 10
        var world = LargeWorld(policy: Self.passing, variables: names(count))
        for name in names(count) {
            for side in Side.allCases { world.say(LargeWorld.variable(name), text(size), by: side) }
        }
        try world.lookOn()
        for name in names(count) { world.say(LargeWorld.variable(name), "new", by: .workflow) }
        #expect(try world.comeToRest().isConverged)
        #expect(told(world) > 1)
    }

    @Test func `when a thousand conflicts end at once all of them lapse`() throws {
        var world = LargeWorld(policy: ModelWorld.manual, variables: names(LedgerLimits.waiting))
        for name in names(LedgerLimits.waiting) {
            world.say(LargeWorld.variable(name), 1, by: .workflow)
            world.say(LargeWorld.variable(name), 2, by: .journey)
        }
        try world.lookOn()
        #expect(world.ledger.queue.count == LedgerLimits.waiting)
        world.circumstances.status = .completed
        for side in Side.allCases { world.say(.status, .status(.completed), by: side) }
        try world.lookOn()
        #expect(world.ledger.queue.isEmpty)
    }

    @Test(arguments: [60, 1_500])
    func `the names of what is agreed on count as well`(_ count: Int) throws {
        let size = 1_200_000 / count
        var world = LargeWorld(policy: Self.passing, variables: ["v"])
        func object(_ other: JSONValue) -> JSONValue {
            let members = (0..<count).map { place -> JSONObject.Member in
                let number = "\(place)"
                let key = number + String(repeating: "k", count: size - number.utf8.count)
                return JSONObject.Member(key: key, value: 1)
            }
            return .object(JSONObject(members + [.init(key: "other", value: other)]))
        }
        world.say(LargeWorld.variable("v"), ["other": 0], by: .workflow)
        world.say(LargeWorld.variable("v"), ["other": 0], by: .journey)
        try world.lookOn()
        world.policy = ModelWorld.manual
        world.say(LargeWorld.variable("v"), object(1), by: .workflow)
        world.say(LargeWorld.variable("v"), object(2), by: .journey)
        try world.lookOn()
        let agreed = world.ledger.base[LargeWorld.variable("v")]?.json.object?.count
        #expect(agreed == count + 1)
    }

    @Test func `what fits no event is held with the reason, and everything else goes on`() throws {
        var world = LargeWorld(policy: Self.passing, variables: ["v0", "v1", "v2"])
        try world.lookOn()
        world.say(LargeWorld.variable("v0"), text(1_000_000), by: .workflow)
        world.say(LargeWorld.variable("v1"), 2, by: .workflow)
        world.say(LargeWorld.variable("v2"), text(700_000), by: .workflow)
        let examined = try world.comeToRest()
        #expect(examined.holds == [LargeWorld.variable("v0"): .tooLarge])
        #expect(examined.apart.map(\.path) == [LargeWorld.variable("v0")])
        #expect(missing(3, world) == ["v0"])
    }

    @Test func `what a rule brings back counts as well, not only what is said`() throws {
        let refuse = Policy(name: "refuse", version: 1, rules: [PolicyRule(.everything, .refuse)])
        var world = LargeWorld(policy: refuse, variables: ["v0"])
        world.telling = .engines
        for side in Side.allCases { world.say(LargeWorld.variable("v0"), text(290 << 10), by: side) }
        try world.lookOn()
        world.say(LargeWorld.variable("v0"), "mine", by: .journey)
        let examined = try world.lookOn()
        #expect(examined.holds[LargeWorld.variable("v0")] == .tooLarge)
        #expect(world.ledger.queue.isEmpty)
    }

    @Test func `what is nested as deep as a report may be is held, not refused by the log for ever`() throws {
        func nested(_ depth: Int, _ leaf: JSONValue) -> JSONValue {
            (0..<depth).reduce(leaf) { value, _ in .array([value]) }
        }
        var world = LargeWorld(policy: Self.passing, variables: ["v0", "v1", "v2"])
        for side in Side.allCases { world.say(LargeWorld.variable("v0"), nested(127, 1), by: side) }
        world.say(LargeWorld.variable("v1"), nested(127, 2), by: .workflow)
        world.say(LargeWorld.variable("v2"), nested(100, 3), by: .workflow)
        let examined = try world.comeToRest()
        #expect(examined.holds[LargeWorld.variable("v1")] == .tooLarge)
        #expect(missing(3, world) == ["v0", "v1"])
    }

    @Test func `nobody recovers an input of which a part cannot be put on record by going on without it`() throws {
        var world = LargeWorld(policy: Self.passing)
        try world.lookOn()
        world.circumstances.status = .waiting
        world.circumstances.waits = [Circumstances.Wait(block: "b1", context: "c1")]
        world.say(.step("b1"), .step(.started), by: .workflow)
        world.say(.step("b1"), .step(.completed), by: .journey)
        // The workflow has been here before, with another input.
        world.say(LargeWorld.input("b1"), ["a": text(450 << 10, "o"), "b": 1], by: .workflow)
        world.say(LargeWorld.input("b1"), ["a": text(450 << 10, "n"), "b": 2], by: .journey)
        let examined = try world.lookOn()
        #expect(examined.holds[LargeWorld.input("b1").appending("a")] == .tooLarge)
        #expect(examined.holds[.step("b1")] == .tooLarge)
        // Another member is being told to the conversation meanwhile, and nobody who looks again goes on either.
        let asked = world.ledger.pending.map(\.effect.action.name)
        #expect(asked == ["tell"])
        let again = try world.lookOn()
        #expect(again.holds[.step("b1")] == .effectPending)
        let rest = try world.comeToRest()
        #expect(rest.holds[.step("b1")] == .tooLarge)
    }

    @Test func `a conflict about what is too large now is none that a person could settle`() throws {
        var world = LargeWorld(policy: ModelWorld.manual, variables: ["v0"])
        let field = LargeWorld.variable("v0")
        world.say(field, 1, by: .workflow)
        world.say(field, 2, by: .journey)
        try world.lookOn()
        #expect(world.ledger.queue.count == 1)
        world.say(field, text(900_000), by: .journey)
        #expect(try world.lookOn().holds == [field: .tooLarge])
        #expect(world.ledger.queue.isEmpty)
        world.say(field, 3, by: .journey)
        #expect(try world.lookOn().holds == [field: .queued])
    }

    @Test func `values are told before a conversation is moved, also where it takes several messages`() throws {
        var world = LargeWorld(policy: Self.passing, variables: names(3))
        try world.lookOn()
        for name in names(3) { world.say(LargeWorld.variable(name), text(500 << 10), by: .workflow) }
        world.say(.step("b0"), .step(.completed), by: .workflow)
        world.say(.step("b1"), .step(.started), by: .workflow)
        #expect(try world.comeToRest().isConverged)
        let actions = world.log.compactMap { event -> String? in
            if case .effectRequested(let effect, _) = event { effect.action.name } else { nil }
        }
        #expect(actions == ["tell", "tell", "tell", "enter"])
    }

    @Test func `a person's word that fits no event is refused with its size and the limit`() throws {
        var world = LargeWorld(policy: ModelWorld.manual, variables: ["v0"])
        let field = LargeWorld.variable("v0")
        // What both say fits the question. The answer says it once more.
        world.say(field, text(300 << 10, "w"), by: .workflow)
        world.say(field, text(300 << 10, "j"), by: .journey)
        try world.lookOn()
        let conflict = try #require(world.ledger.queue[field])
        func refusal(_ command: ReconciliationDecider.Command) -> String {
            do {
                _ = try ReconciliationDecider.decide(command, world.ledger)
                return ""
            } catch { return "\(error)" }
        }
        let answer = refusal(.settle(conflict: conflict.id, .take(.workflow), world.examination))
        #expect(answer.contains("the limit is 1048576"))
        let because = String(repeating: "x", count: 1 << 20)
        let said = refusal(.handOver(HandOver(pattern: .everything, owner: .workflow, because: because)))
        #expect(said.contains("the limit is 1048576"))
        let fitting = ReconciliationDecider.Command.settle(
            conflict: conflict.id, .accept, world.examination)
        try world.append(try ReconciliationDecider.decide(fitting, world.ledger))
    }
}
