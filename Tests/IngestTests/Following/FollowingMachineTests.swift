import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@testable import Ingest

@Suite("Following: what next") struct FollowingMachineTests {
    private typealias Machine = FollowingMachine

    /// A machine with the steady time it lives in.
    private struct Bench {
        var machine: FollowingMachine
        var now = Duration.zero

        init(limits: FollowingLimits = FollowingLimits()) {
            machine = FollowingMachine(limits: limits, random: SeededRandom(seed: 7))
        }

        mutating func tell(_ input: FollowingMachine.Input) -> FollowingMachine.Action {
            machine.receive(input, at: now, Timestamp(microseconds: 1_000_000))
        }

        /// Recalls nothing, then surveys.
        mutating func begin(
            _ marks: [String: String], life: String = "1", remembered: [String: InboundBookmark] = [:],
            in rememberedLife: String? = "1"
        ) -> FollowingMachine.Action {
            #expect(
                tell(.recalled(remembered, life: rememberedLife.map(ConversationBookmark.life))) == .survey)
            return tell(.surveyed(ConversationSurvey(life: life, marks: marks), took: .milliseconds(1)))
        }

        /// Everything is taken.
        mutating func accept(_ action: FollowingMachine.Action) -> FollowingMachine.Action {
            guard case .settle(let reports) = action else { return action }
            return tell(.settled(reports.map { ($0, nil) }))
        }
    }

    private func look(_ offsets: [Int], from: Int = 0, through: Int? = nil) -> ConversationLook {
        ConversationLook(
            description: ["id": "s"], from: from,
            events: offsets.map { .init(offset: $0, id: "e\($0)", content: ["offset": .number(JSONNumber($0))]) },
            through: through ?? offsets.last ?? from - 1, standing: JSONObject([.init(key: "agent_states", value: [])]))
    }

    private func bookmark(_ next: Int, mark: String? = nil) -> InboundBookmark {
        InboundBookmark(
            generation: ConversationBookmark.generation(
                of: .init(offset: next - 1, id: "e\(next - 1)", content: .null)),
            next: Int64(next), last: mark.map(ConversationBookmark.fingerprint))
    }

    private func moves(_ action: FollowingMachine.Action) -> [String: InboundBookmark] {
        guard case .advance(let moves) = action else { return [:] }
        return Dictionary(moves.map { ($0.conversation, $0.to) }, uniquingKeysWith: { $1 })
    }

    private func reports(_ action: FollowingMachine.Action) -> [JSONValue] {
        guard case .settle(let reports) = action else { return [] }
        return reports.map(\.payload)
    }

    @Test func `it remembers, surveys, looks, settles, moves, and rests`() {
        var bench = Bench()
        #expect(bench.machine.first == .recall)
        #expect(bench.begin(["s": "m"]) == .look([.init(conversation: "s", from: 0)]))
        let settling = bench.tell(.looked(["s": .seen(look([0, 1], through: 2))]))
        let told = reports(settling)
        #expect(told.map { $0["session"] != nil } == [true, false], "what it is comes first")
        #expect(told[1]["listing"] == ["from": 0, "through": 2])
        #expect(told[1]["quiet_through"]?.int == 2 && told[1]["agent_states"] != nil)
        let moving = bench.accept(settling)
        #expect(moves(moving) == ["s": bookmark(2, mark: "m")], "behind the last event, under the mark")
        #expect(bench.tell(.advanced) == .pause(bench.machine.limits.surveyPause))
        #expect(bench.tell(.waited) == .survey)
        let again = bench.tell(.surveyed(ConversationSurvey(life: "1", marks: ["s": "m"]), took: .seconds(3)))
        #expect(again == .pause(.seconds(30)), "nothing is new; a survey takes a tenth of the time at most")
    }

    @Test func `what was taken in is not told again, and says whether it still stands`() {
        var bench = Bench()
        let asked = bench.begin(["s": "m2"], remembered: ["s": bookmark(2, mark: "m")])
        #expect(asked == .look([.init(conversation: "s", from: 1)]))
        let told = reports(bench.tell(.looked(["s": .seen(look([1, 4], from: 1))])))
        #expect(told[1]["events"]?.array?.count == 1)
        #expect(told[1]["listing"] == ["from": 2, "through": 4], "what is missing in between was deleted")
        #expect(bench.machine.takeNotices() == [])
    }

    @Test(arguments: [[], [7], [2, 7]])
    func `a rewind is compared from the beginning`(_ offsets: [Int]) {
        var bench = Bench()
        #expect(
            bench.begin(["s": "m2"], remembered: ["s": bookmark(4)]) == .look([.init(conversation: "s", from: 3)]))
        let again = bench.tell(.looked(["s": .seen(look(offsets.filter { $0 >= 3 }, from: 3, through: 7))]))
        #expect(again == .look([.init(conversation: "s", from: 0)]))
        #expect(bench.machine.takeNotices() == [.rewound(conversation: "s")])
        let settling = bench.tell(.looked(["s": .seen(look(offsets, from: 0, through: 7))]))
        #expect(reports(settling)[1]["listing"] == ["from": 0, "through": 7])
        let moving = bench.accept(settling)
        #expect(moves(moving)["s"]?.next == Int64((offsets.last ?? -1) + 1), "behind the last event that stands")
    }

    @Test func `another event in the place of the last one is another history`() {
        var bench = Bench()
        let known = InboundBookmark(generation: InboundFingerprint.none.id, next: 1, last: nil)
        #expect(bench.begin(["s": "m"], remembered: ["s": known]) == .look([.init(conversation: "s", from: 0)]))
        let told = reports(bench.tell(.looked(["s": .seen(look([0, 1]))])))
        #expect(told[1]["events"]?.array?.count == 2 && told[1]["listing"] == ["from": 0, "through": 1])
        #expect(bench.machine.takeNotices() == [.rewound(conversation: "s")])
    }

    @Test func `missing in the same life is deleted, in another one it is lost`() {
        var deleting = Bench()
        let action = deleting.begin([:], remembered: ["s": bookmark(2, mark: "m")])
        #expect(reports(action).map { $0["deleted"] } == [true])
        let buried = deleting.accept(action)
        #expect(moves(buried)["s"]?.last == ConversationBookmark.deleted)
        _ = deleting.tell(.advanced)
        #expect(deleting.machine.takeNotices() == [.deleted(conversation: "s")])
        #expect(deleting.machine.followed == 0)

        var losing = Bench()
        let lost = losing.begin([:], life: "2", remembered: ["s": bookmark(2, mark: "m")])
        guard case .advance(let moves) = lost else {
            Issue.record("nothing is reported, but remembered: \(lost)")
            return
        }
        #expect(moves.map(\.conversation) == ["s", ""], "the new life is remembered last")
        #expect(moves[0].to.last == ConversationBookmark.lost && moves[0].to.next == 2)
        #expect(losing.machine.takeNotices() == [.anotherLife(missing: 1)])
        _ = losing.tell(.advanced)
        #expect(losing.tell(.waited) == .survey)
        let back = losing.tell(.surveyed(ConversationSurvey(life: "2", marks: ["s": "m"]), took: .zero))
        #expect(back == .look([.init(conversation: "s", from: 1)]), "it is followed on if it comes back")
    }

    @Test func `many events are told in pieces, and the mark is remembered behind the last`() {
        var bench = Bench(limits: FollowingLimits(reportedEvents: 2))
        _ = bench.begin(["s": "m"])
        var action = bench.tell(.looked(["s": .seen(look(Array(0..<5)))]))
        var counts: [Int] = []
        var marks: [Bool] = []
        while case .settle = action {
            let told = reports(action)
            counts.append(told.last?["events"]?.array?.count ?? 0)
            #expect((told.last?["quiet_through"] != nil) == (counts.count == 3))
            let moving = bench.accept(action)
            marks.append(moves(moving)["s"]?.last != nil)
            action = bench.tell(.advanced)
        }
        #expect(counts == [2, 2, 1] && marks == [false, false, true])
    }

    @Test func `large events are told alone`() {
        var bench = Bench(limits: FollowingLimits(reportedBytes: 1))
        _ = bench.begin(["s": "m"])
        let told = reports(bench.tell(.looked(["s": .seen(look([0, 1]))])))
        #expect(told[1]["events"]?.array?.count == 1)
    }

    @Test func `a refused event stands, what is before it and other conversations go on`() throws {
        var bench = Bench()
        _ = bench.begin(["a": "m", "s": "m"])
        var action = bench.tell(.looked(["a": .seen(look([0])), "s": .seen(look([0, 1]))]))
        let refusal = InboundRejection(.malformed, "a test")
        /// Event 1 of `s` is poison.
        func answers(_ action: FollowingMachine.Action) -> FollowingMachine.Input {
            guard case .settle(let reports) = action else { return .logAway }
            return .settled(
                reports.map { report in
                    let isPoison = report.payload["events"]?.array?.contains { $0["offset"]?.int == 1 } ?? false
                    return (report, report.conversation == "s" && isPoison ? refusal : nil)
                })
        }
        action = bench.tell(answers(action))
        #expect(Set(moves(action).keys) == ["a"], "the two of s are tried one by one")
        action = bench.tell(answers(bench.tell(.advanced)))
        #expect(moves(action)["s"]?.next == 1)
        action = bench.tell(answers(bench.tell(.advanced)))
        #expect(action == .pause(bench.machine.limits.surveyPause))
        #expect(bench.machine.takeNotices() == [.parked(conversation: "s", offset: 1, reason: "a test")])
        #expect(bench.machine.standing == 1)
        _ = bench.tell(.waited)
        let survey = ConversationSurvey(life: "1", marks: ["a": "m", "s": "m"])
        #expect(bench.tell(.surveyed(survey, took: .zero)) == .pause(bench.machine.limits.surveyPause))
        _ = bench.tell(.waited)
        bench.now += bench.machine.limits.parkingTime
        #expect(bench.tell(.surveyed(survey, took: .zero)) == .look([.init(conversation: "s", from: 0)]), "again")
    }

    @Test func `what a conversation is said to be may be refused, and its events are taken`() {
        var bench = Bench()
        _ = bench.begin(["s": "m"])
        guard case .settle(let reports) = bench.tell(.looked(["s": .seen(look([0]))])) else { return }
        let moving = bench.tell(
            .settled([(reports[0], InboundRejection(.refused, "bound elsewhere")), (reports[1], nil)]))
        #expect(moves(moving)["s"]?.next == 1)
        #expect(bench.machine.takeNotices() == [.unfit(conversation: "s", reason: "bound elsewhere")])
    }

    @Test func `a server that is away is asked more and more seldom, and that is said once`() {
        var bench = Bench()
        #expect(bench.tell(.recalled([:], life: nil)) == .survey)
        var waits: [Duration] = []
        for _ in 0..<12 {
            guard case .pause(let wait) = bench.tell(.serverAway(reason: "gone")) else { return }
            waits.append(wait)
            #expect(bench.tell(.waited) == .survey)
        }
        #expect(waits[0] < .milliseconds(300) && waits[11] > .seconds(14) && waits.allSatisfy { $0 <= .seconds(30) })
        #expect(bench.machine.takeNotices() == [.away(reason: "gone")])
        _ = bench.tell(.surveyed(ConversationSurvey(life: "1", marks: [:]), took: .zero))
        #expect(bench.machine.takeNotices() == [.back])
    }

    @Test func `what was seen before the server went is taken in, then it is waited for`() {
        var bench = Bench()
        _ = bench.begin(["a": "m", "s": "m"])
        let settling = bench.tell(.looked(["a": .seen(look([0])), "s": .away(reason: "gone")]))
        let moving = bench.accept(settling)
        #expect(Set(moves(moving).keys) == ["a"])
        guard case .pause(let wait) = bench.tell(.advanced) else {
            Issue.record("it should wait")
            return
        }
        #expect(wait < .milliseconds(300) && bench.machine.takeNotices() == [.away(reason: "gone")])
    }

    @Test func `a log that is away makes it begin again from what is remembered`() {
        var bench = Bench()
        _ = bench.begin(["s": "m"])
        _ = bench.tell(.looked(["s": .seen(look([0]))]))
        guard case .pause = bench.tell(.logAway) else {
            Issue.record("it should wait")
            return
        }
        #expect(bench.tell(.waited) == .recall)
        #expect(bench.tell(.logAway) != .recall)
    }

    @Test func `gone between survey and look is no news, unusable stands, superseded stops`() {
        var bench = Bench()
        _ = bench.begin(["g": "m", "s": "m"])
        let action = bench.tell(.looked(["g": .gone, "s": .refused(reason: "nonsense")]))
        #expect(action == .pause(bench.machine.limits.surveyPause))
        #expect(bench.machine.takeNotices() == [.parked(conversation: "s", offset: 0, reason: "nonsense")])
        #expect(bench.tell(.superseded) == .stop && bench.tell(.waited) == .stop)
    }

    @Test func `answers that were not asked for make it begin again`() {
        var bench = Bench()
        _ = bench.begin([:])
        #expect(bench.tell(.advanced) == .recall)
        #expect(bench.tell(.looked([:])) == .recall)
    }
}
