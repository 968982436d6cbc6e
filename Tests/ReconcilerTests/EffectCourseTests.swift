import Connecting
import EventModel
import FoundationEssentials
import Reconciliation
import Testing

@testable import Reconciler

@Suite struct EffectCourseTests {
    private let start = Timestamp(microseconds: 1_800_000_000_000_000)
    private let limits = CourseLimits(
        pause: .seconds(2), longestPause: .seconds(60), tryPatience: .zero, silence: .seconds(3_600))

    private func at(_ seconds: Int) -> Timestamp { start.advanced(by: .seconds(seconds)) }

    private func pending(_ action: Effect.Action = .cancel) -> Ledger.Pending {
        let effect = Effect(
            id: UUID(), action: action, fields: [.status], resolutions: [], attempt: 1, deadline: at(30))
        return Ledger.Pending(effect: effect, progress: .requested)
    }

    @Test func `what was requested is sent, and not behind its time`() {
        let course = EffectCourse()
        #expect(course.step(pending(), at: at(0), limits) == .send)
        #expect(
            course.step(pending(), at: at(30), limits)
                == .end(.stale(.expired, because: "nobody has tried it in time")))
    }

    @Test func `what was sent is waited for, then doubted, then looked for`() {
        let course = EffectCourse()
        let sent = pending().sent
        #expect(course.step(sent, at: at(1), limits) == .wait(until: at(30)))
        #expect(course.step(sent, at: at(30), limits) == .doubt(because: "no echo was heard in time"))
        #expect(course.step(sent.doubted("x"), at: at(30), limits) == .probe)
    }

    @Test func `what was surely not carried out is tried again after growing pauses, and not behind its time`() {
        var course = EffectCourse()
        let sent = pending().sent
        course.miss(at: at(1))
        #expect(course.step(sent, at: at(2), limits) == .wait(until: at(3)))
        #expect(course.step(sent, at: at(3), limits) == .resend)
        course.miss(at: at(3))
        #expect(course.step(sent, at: at(4), limits) == .wait(until: at(7)))
        for _ in 0..<40 { course.miss(at: at(20)) }
        #expect(course.step(sent, at: at(21), limits) == .wait(until: at(30)))
        #expect(course.step(sent, at: at(31), limits) == .doubt(because: "no echo was heard in time"))
    }

    @Test func `whoever stood still until it was too late does not try again, although that was due in time`() {
        var course = EffectCourse()
        let sent = pending().sent
        let limits = CourseLimits(
            pause: .seconds(2), longestPause: .seconds(60), tryPatience: .seconds(10), silence: .seconds(3_600))
        course.miss(at: at(1))
        #expect(course.step(sent, at: at(19), limits) == .resend)
        #expect(course.step(sent, at: at(20), limits) == .wait(until: at(30)))
        #expect(course.step(sent, at: at(29), limits) == .wait(until: at(30)))
        #expect(course.step(sent, at: at(30), limits) == .doubt(because: "no echo was heard in time"))
    }

    @Test func `what was found carried out goes on waiting for its echo, for an hour`() {
        var course = EffectCourse()
        let unknown = pending().sent.doubted("x")
        #expect(course.receive(.found, about: pending().effect, at: at(31)) == nil)
        #expect(course.step(unknown, at: at(32), limits) == .wait(until: at(33)))
        #expect(course.step(unknown, at: at(40), limits) == .probe)
        #expect(course.step(unknown, at: at(30 + 3_600), limits) == .end(.confirmed(by: .probe)))
    }

    @Test func `what was not carried out has come to nothing; what nobody can tell is a matter for a person`() {
        var course = EffectCourse()
        #expect(
            course.receive(.absent, about: pending().effect, at: at(31))
                == .stale(.expired, because: "it was looked for, and was not carried out"))
        #expect(
            course.receive(.untellable(because: "several waits"), about: pending().effect, at: at(31))
                == .stale(.unknowable, because: "several waits"))
        #expect(course.receive(.unavailable(because: "away"), about: pending().effect, at: at(31)) == nil)
    }

    @Test func `what carries something that cannot be read is never sent`() throws {
        let hidden = pending(
            .resume(block: "ask", context: "c", input: ["$sealed": ["subject": "s", "key": "k", "ct": "AA"]]))
        guard case .end(.stale(.refused, _)) = EffectCourse().step(hidden, at: at(0), limits) else {
            Issue.record("it would be sent")
            return
        }
    }

    @Test func `no try is begun that would not be over by the time at which others look for it`() {
        let slow = CourseLimits(
            pause: .seconds(2), longestPause: .seconds(60), tryPatience: .seconds(20), silence: .seconds(1))
        var course = EffectCourse()
        #expect(course.step(pending(), at: at(9), slow) == .send)
        #expect(
            course.step(pending(), at: at(10), slow) == .end(.stale(.expired, because: "nobody has tried it in time")))
        course.miss(at: at(9))
        #expect(course.step(pending().sent, at: at(9), slow) == .wait(until: at(30)))
    }

    @Test
    func `what must not be done twice counts as not done only when no order can be on its way any more`() {
        var course = EffectCourse()
        let telling = pending(.tell(Effect.Told(values: ["amount": 3])))
        #expect(course.receive(.absent, about: telling.effect, at: at(29)) == nil)
        #expect(course.step(telling.sent.doubted("x"), at: at(30), limits) == .wait(until: at(31)))
        #expect(
            course.receive(.absent, about: telling.effect, at: at(30))
                == .stale(.expired, because: "it was looked for, and was not carried out"))
    }
}
