import EventModel
import EventSourcing
import Testing

@testable import Reconciler

@Suite struct AgendaTests {
    private let key = ExecutionKey(workspace: .default, execution: "run-1")
    private let other = ExecutionKey(workspace: .default, execution: "run-2")

    private func agenda() -> Agenda { Agenda(quiet: .milliseconds(100), patience: .milliseconds(300)) }

    @Test func `an execution that is touched often is looked at once, a quiet moment behind the last touch`() {
        var agenda = agenda()
        agenda.touch(key, at: .zero)
        agenda.touch(key, at: .milliseconds(90))
        #expect(agenda.takeDue(at: .milliseconds(150), atMost: 10).isEmpty)
        #expect(agenda.nextDue == .milliseconds(190))
        #expect(agenda.takeDue(at: .milliseconds(190), atMost: 10) == [key])
        #expect(agenda.takeDue(at: .seconds(10), atMost: 10).isEmpty)
    }

    @Test func `an execution that never falls quiet is looked at all the same`() {
        var agenda = agenda()
        for moment in stride(from: 0, through: 290, by: 10) { agenda.touch(key, at: .milliseconds(moment)) }
        #expect(agenda.nextDue == .milliseconds(300))
    }

    @Test func `what is touched while it is in hand is looked at again, and not twice at a time`() {
        var agenda = agenda()
        agenda.touch(key, at: .zero)
        #expect(agenda.takeDue(at: .seconds(1), atMost: 10) == [key])
        agenda.touch(key, at: .seconds(1))
        #expect(agenda.takeDue(at: .seconds(5), atMost: 10).isEmpty)
        agenda.finish(key, again: nil)
        #expect(agenda.takeDue(at: .seconds(5), atMost: 10) == [key])
        agenda.finish(key, again: nil)
        #expect(agenda.count == 0)
    }

    @Test func `what is to be looked at again later is`() {
        var agenda = agenda()
        agenda.look(at: key, by: .seconds(1))
        agenda.look(at: key, by: .seconds(9))
        agenda.look(at: other, by: .seconds(2))
        #expect(agenda.takeDue(at: .seconds(3), atMost: 10) == [key, other])
        agenda.finish(key, again: .seconds(30))
        agenda.finish(other, again: nil)
        #expect(agenda.nextDue == .seconds(30))
        #expect(agenda.count == 1)
    }

    @Test func `no more is taken in hand than there is room for, the longest due first`() {
        var agenda = agenda()
        agenda.look(at: other, by: .seconds(2))
        agenda.look(at: key, by: .seconds(1))
        #expect(agenda.takeDue(at: .seconds(3), atMost: 1) == [key])
        #expect(agenda.takeDue(at: .seconds(3), atMost: 1) == [other])
    }

    @Test func `visits have their turn when nothing else is due, in order`() {
        var agenda = agenda()
        agenda.visit([key, other])
        agenda.look(at: ExecutionKey(workspace: .default, execution: "run-3"), by: .seconds(1))
        #expect(agenda.takeDue(at: .seconds(1), atMost: 2).map(\.execution) == ["run-3", "run-1"])
        #expect(agenda.visitCount == 1)
        #expect(agenda.takeDue(at: .seconds(1), atMost: 9) == [other])
        #expect(agenda.visitCount == 0 && agenda.inHand == 3)
    }

    @Test func `a visit to what was just touched, or is in hand, is none; one that waits for long is visited`() {
        var agenda = agenda()
        agenda.touch(key, at: .seconds(1))
        agenda.look(at: other, by: .seconds(100))
        agenda.visit([key, other])
        #expect(agenda.takeDue(at: .seconds(1), atMost: 9) == [other])
        agenda.visit([other])
        #expect(agenda.takeDue(at: .seconds(1), atMost: 9).isEmpty)
        agenda.finish(other, again: nil)
        #expect(agenda.takeDue(at: .seconds(2), atMost: 9) == [key])
    }

    @Test func `visits to what others look at from now on are forgotten`() {
        var agenda = agenda()
        agenda.visit([key, other])
        agenda.forget { $0 == key }
        #expect(agenda.takeDue(at: .zero, atMost: 9) == [other])
    }
}
