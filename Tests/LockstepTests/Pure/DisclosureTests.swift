import EventModel
import EventSourcing
import Foundation
import Testing

@testable import Reconciliation
@testable import lockstep

@Suite("What is told of decisions and conflicts") struct DisclosureTests {
    private static let key = ExecutionKey(workspace: .default, execution: "run-17")
    private static let member = FieldPath(.variables, ["customer", "secretname"])
    private static let id = UUID(uuidString: "0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01") ?? UUID()
    private static let at = Timestamp(microseconds: 1_772_442_000_000_000)
    private static let ruling = Receipt.Ruling(rule: .latest, place: 3, policy: "house", version: 2)

    private static func finding(
        _ path: FieldPath, _ base: FieldValue?, _ workflow: FieldValue?, _ journey: FieldValue?
    ) -> Reconciliation.Finding {
        Reconciliation.Finding(
            path: path, kind: .conflict, side: nil, base: base, workflow: workflow, journey: journey,
            workflowOrigin: Origin(GlobalPosition(17), actor: "acme"), journeyOrigin: Origin(GlobalPosition(26)))
    }

    private static let data = finding(
        member, FieldValue("secretbase"), FieldValue("secretleft"), FieldValue(["secretkey": "secretright"]))
    private static let words = finding(.status, .status(.running), .status(.waiting), .status(.completed))

    private static func receipt(
        _ finding: Reconciliation.Finding, _ winner: Side?, _ outcome: FieldValue?, ruling: Receipt.Ruling? = ruling
    ) -> Receipt {
        Receipt(
            id: id, finding: finding, outcome: outcome, winner: winner, ruling: ruling, cause: .comparison, at: at,
            effects: [])
    }

    private static func json(_ body: (inout JSONWriter) -> Void) -> String {
        String(decoding: Answers.line(body), as: UTF8.self)
    }

    /// Everything that can be said of something that holds data.
    private static func told(_ disclosure: Disclosure) -> [String] {
        let receipt = receipt(data, .journey, data.journey)
        let conflict = QueuedConflict(
            id: id, finding: data, reason: .flapping, ruling: ruling, at: at, history: [id])
        let asked = AskedConflict(
            conflict, because: "it is so", history: [.init(receipt: receipt, position: GlobalPosition(9))])
        let accepted = AcceptedDivergence(id: id, finding: data, ruling: nil, conflict: nil, at: at)
        return [
            receipt.sentence(disclosure), receipt.diff(disclosure).text(Style(isColoured: false)),
            conflict.sentence(disclosure), json { receipt.write(to: &$0, as: disclosure) },
            json { conflict.write(to: &$0, as: disclosure) }, json { accepted.write(to: &$0, as: disclosure) },
            json { asked.write(to: &$0, as: disclosure, at: at) },
        ] + asked.lines(of: key, disclosure, at: at).map { $0.text(Style(isColoured: false)) }
    }

    @Test func `no data, and no name inside of data, is told to anybody who has not asked for it`() {
        let told = Self.told(.words)
        for line in told { #expect(!line.contains("secret"), "\(line)") }
        #expect(told.contains { $0.contains("variables/customer/…") && $0.contains("hidden string") })
    }

    @Test func `whoever has asked for data is told it, and its names`() {
        let told = Self.told(.everything)
        for text in ["secretname", "secretbase", "secretleft", "secretright"] {
            #expect(told.contains { $0.contains(text) }, "\(text)")
        }
        #expect(!told.contains { $0.contains("hidden string") || $0.contains("hidden object") })
    }

    @Test func `what is sealed or erased is said to be so, even to whoever has asked`() {
        for disclosure in [Disclosure.words, .everything] {
            #expect(disclosure.text(.hidden) == "sealed or erased")
            let json = Self.json {
                $0.key("value")
                disclosure.write(.hidden, to: &$0)
            }
            #expect(json.contains(#""hidden":true"#) && json.contains(#""kind":null"#))
        }
        #expect(!Disclosure.words.withholds(.hidden, nil, .status(.running)))
        #expect(Disclosure.words.withholds(nil, FieldValue(1)) && !Disclosure.everything.withholds(FieldValue(1)))
    }

    @Test func `data is cut to a line and moves no cursor`() {
        let text = Disclosure.everything.text(FieldValue(.string("\u{1b}[2J" + String(repeating: "x", count: 10_000))))
        #expect(text.count < 100 && !text.contains("\u{1b}") && text.contains("characters"))
    }

    @Test func `a plan says what a side says and what it is to say, red and green`() {
        let diff = Self.receipt(Self.words, .journey, .status(.completed)).diff(.words)
        #expect(
            diff.text(Style(isColoured: false))
                == "  + status: workflow waiting → completed; journey's word stands (by latest, rule 3 of policy house 2, resolution \(Self.id.text))"
        )
        let coloured = diff.text(Style(isColoured: true))
        if coloured.contains("\u{1b}") {
            #expect(coloured.contains("\u{1b}[31mwaiting\u{1b}[0m → \u{1b}[32mcompleted\u{1b}[0m"))
        }
    }

    @Test func `a side that says what stands in its own words is told nothing`() {
        let finding = Self.finding(.status, .status(.running), .status(.waiting), .status(.running))
        let diff = Self.receipt(finding, .workflow, .status(.waiting), ruling: nil).diff(.words)
        #expect(diff.text(Style(isColoured: false)).hasPrefix("  + status: workflow's word stands (passed on, "))
    }

    @Test func `where neither has won, both are told, each in its own words`() {
        let diff = Self.receipt(Self.words, nil, .status(.failed)).diff(.words).text(Style(isColoured: false))
        #expect(diff.contains("workflow waiting → failed, journey completed → cancelled; neither side's word stands"))
    }

    @Test func `a conflict is told with both sides, base, rule, reason, age and what was decided before`() {
        let receipt = Self.receipt(Self.words, .workflow, .status(.waiting))
        let asked = AskedConflict(
            QueuedConflict(
                id: Self.id, finding: Self.words, reason: .flapping, ruling: Self.ruling, at: Self.at,
                history: [Self.id]),
            because: "who speaks last is right", history: [.init(receipt: receipt, position: GlobalPosition(9))])
        let now = Self.at.advanced(by: .seconds(7_500))
        let lines = asked.lines(of: Self.key, .words, at: now).map { $0.text(Style(isColoured: false)) }
        let all = lines.joined(separator: "\n")
        for text in [
            "waits for 2 h 5 min", "agreed    running", "workflow  waiting (position 17 by acme)",
            "journey   completed (position 26)", "rule      latest, rule 3 of policy house 2",
            "because   who speaks last is right", "asked     the sides keep taking back what was decided",
            "before    the workflow's word stood: waiting (position 9, ",
            "lockstep reconcile resolve run-17 \(Self.id.text) --take",
        ] { #expect(all.contains(text), "\(text)\n\(all)") }
    }

    @Test(arguments: [
        (-5, "0 s"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (3_600, "1 h"), (7_500, "2 h 5 min"),
        (86_399, "23 h 59 min"), (86_400, "1 d"), (183_600, "2 d 3 h"),
    ])
    func `an age is told in its two largest units, and is never negative`(_ seconds: Int, _ words: String) {
        #expect(Age(since: Self.at, at: Self.at.advanced(by: .seconds(seconds))).words == words)
    }

    @Test(arguments: ["completed", #""completed""#])
    func `a field of words is given a word, with quotes or without`(_ text: String) throws {
        #expect(try GivenValue(text).value(of: .status) == .status(.completed))
        #expect(try GivenValue(text).value(of: .step("approve")) == .step(.completed))
    }

    @Test(arguments: ["7", "null", "{}", "skipped", "donee", "Completed", #""done""#, #""""#, #"["completed"]"#])
    func `what is no word for a status is refused with the words that are`(_ text: String) throws {
        let given = try GivenValue(text)
        #expect(
            throws: Failure(
                .usage, "--value is \(text), which is no word for the status of an execution",
                hint: "choose queued, running, waiting, paused, completed, failed, cancelled")
        ) { try given.value(of: .status) }
    }

    @Test func `a word is no data, and data is any JSON`() throws {
        let path = FieldPath(.variables, ["limit"])
        #expect(try GivenValue("7").value(of: path) == FieldValue(7))
        #expect(try GivenValue(#""completed""#).value(of: path) == FieldValue("completed"))
        #expect(throws: Failure.self) { try GivenValue("completed").value(of: path) }
        #expect(throws: Failure.self) { try GivenValue("waiting").value(of: .step("approve")) }
        #expect(throws: Failure.self) { try GivenValue("done").value(of: path) }
        for text in [
            "", "{", "not done", "completed ", "é", String(repeating: "x", count: 10_240),
            String(repeating: "[", count: 5_000),
        ] {
            #expect(throws: Failure.self, "\(text.prefix(20))") { try GivenValue(text) }
        }
    }
}
