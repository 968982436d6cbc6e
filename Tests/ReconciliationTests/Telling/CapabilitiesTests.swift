import EventModel
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct `What a side can be told` {
    @Test func `is what the first declaration about a field says, and nothing where there is none`() throws {
        let capabilities = Capabilities([
            .init(try PathPattern("variables/total"), .readOnly, because: "it is worked out"),
            .init(try PathPattern("variables/**"), .settable, because: "an event tells of it"),
            .init(try PathPattern("steps/*"), .settableWhen([.waiting]), because: "it is resumed"),
        ])
        #expect(capabilities.settability(of: try FieldPath("variables/total")) == .readOnly)
        #expect(capabilities.settability(of: try FieldPath("variables/customer/name")) == .settable)
        #expect(capabilities.settability(of: try FieldPath("steps/ask")) == .settableWhen([.waiting]))
        #expect(capabilities.settability(of: .status) == .readOnly)
        let step = try FieldPath("steps/ask")
        #expect(capabilities.canTell(step, .step(.completed), at: .waiting))
        #expect(!capabilities.canTell(step, .step(.completed), at: .running))
        #expect(!capabilities.canTell(step, .step(.completed), at: nil), "nobody knows how it stands")
        #expect(capabilities.canTell(try FieldPath("variables/v"), nil, at: nil), "nothing any more")
        #expect(!capabilities.canTell(try FieldPath("variables/v"), .hidden, at: nil), "what nobody can read")
        let sealed: JSONValue = ["$erased": ["subject": "customer:1"]]
        #expect(!capabilities.canTell(try FieldPath("variables/v"), FieldValue(["a": sealed]), at: nil))
    }

    @Test func `Sim is resumed where it waits, cancelled while it is not over, and told nothing else`() throws {
        let (ask, pay) = (ElementID("ask"), ElementID("pay"))
        #expect(Capabilities.sim.canTell(.step(ask), .step(.completed), at: .waiting, waitingAt: ask))
        #expect(!Capabilities.sim.canTell(.step(pay), .step(.completed), at: .waiting, waitingAt: ask))
        #expect(!Capabilities.sim.canTell(.step(ask), .step(.completed), at: .running, waitingAt: ask))
        #expect(!Capabilities.sim.canTell(.step(ask), .step(.failed), at: .waiting, waitingAt: ask))
        #expect(!Capabilities.sim.canTell(.step(ask), nil, at: .waiting, waitingAt: ask))
        #expect(!Capabilities.sim.canTell(.step(ask), .step(.completed), at: .waiting), "nobody knows where")
        let input = try FieldPath("inputs/ask/name")
        #expect(Capabilities.sim.canTell(input, FieldValue("Ada"), at: .waiting, waitingAt: ask))
        #expect(!Capabilities.sim.canTell(input, FieldValue("Ada"), at: .completed, waitingAt: nil))
        for status in ExecutionStatus.allCases {
            #expect(Capabilities.sim.canTell(.status, .status(.cancelled), at: status) == !status.isTerminal)
            #expect(!Capabilities.sim.canTell(.status, .status(.completed), at: status))
        }
        for path in ["variables/v", "outputs/ask", "error"] {
            #expect(
                !Capabilities.sim.canTell(try FieldPath(path), FieldValue(1), at: .waiting, waitingAt: ask), "\(path)")
        }
    }

    @Test func `Parlant is led anywhere while its conversation runs, and told data at any time`() throws {
        let ask = FieldPath.step(ElementID("ask"))
        #expect(Capabilities.parlant.canTell(ask, .step(.started), at: .running))
        #expect(Capabilities.parlant.canTell(ask, nil, at: .running))
        #expect(!Capabilities.parlant.canTell(ask, .step(.started), at: .completed))
        #expect(Capabilities.parlant.canTell(.status, .status(.cancelled), at: .running))
        #expect(!Capabilities.parlant.canTell(.status, .status(.running), at: .cancelled))
        #expect(Capabilities.parlant.canTell(try FieldPath("variables/v/a"), FieldValue(1), at: .completed))
        #expect(!Capabilities.parlant.canTell(try FieldPath("outputs/pay"), FieldValue(1), at: .running))
    }

    @Test func `every root is declared for both engines, each declaration with its reason`() {
        for capabilities in [Capabilities.sim, .parlant] {
            for root in FieldPath.Root.allCases {
                #expect(capabilities.declarations.contains { $0.pattern.covers(.fields(of: root)) }, "\(root)")
            }
            #expect(capabilities.declarations.allSatisfy { !$0.because.isEmpty })
        }
        #expect(
            Capabilities.sim.declarations.map(\.description).prefix(2) == [
                "status cancelled while it is queued or running or waiting or paused",
                "steps/* completed while it is waiting, of the block where it waits",
            ])
    }
}
