import EventModel
import FoundationEssentials
import ReadModels
import Testing

/// Every type of event that is registered, by its sample and its schema.
@Suite struct `Sentences of the timeline` {
    @Test func `there are samples of every category`() {
        let categories = Set(SampleEvent.all.map { $0.type.prefix { $0 != "." } })
        #expect(
            categories.sorted() == [
                "conversion", "journey", "journey_session", "mapping", "parlant_journey", "parlant_session",
                "policy", "projection", "reconciliation", "subject", "workflow", "workflow_execution",
            ])
    }

    @Test(arguments: SampleEvent.all) func `every registered event has one of its own`(_ sample: SampleEvent) throws {
        let sentence = try timelineSentence(sample.type, sample.data, sample.version)
        #expect(sentence != sample.words && sentence.unicodeScalars.count <= 200)
        #expect(!sentence.contains("(sealed)") && !sentence.contains("(erased)"))
    }

    @Test(arguments: SampleEvent.all) func `members that may be missing may be missing`(_ sample: SampleEvent) throws {
        let required = Set(sample.schema["required"]?.array?.compactMap(\.string) ?? [])
        for member in sample.data.object?.members ?? [] {
            guard var data = sample.data.object else { continue }
            data[member.key] = required.contains(member.key) ? member.value : nil
            let sentence = try timelineSentence(sample.type, .object(data), sample.version)
            #expect(sentence != sample.words, "without \(member.key)")
        }
    }

    @Test(arguments: SampleEvent.all.filter { !$0.personalTexts.isEmpty })
    func `no personal value is told, and a hidden one is told to be hidden`(_ sample: SampleEvent) throws {
        let plain = try timelineSentence(sample.type, sample.data, sample.version)
        for text in sample.personalTexts { #expect(!plain.contains(text)) }
        let sealed = SealedValue(subject: "workspace:default", key: "1", ciphertext: "AAAA").value
        let erased = SealedValue.erased(subject: "workspace:default")
        for (form, word) in [(sealed, "(sealed)"), (erased, "(erased)")] {
            let hidden = try timelineSentence(sample.type, sample.hiding(form), sample.version)
            let told = hidden.replacing(" \(word)", with: "")
            #expect(hidden != sample.words && !hidden.contains("$"))
            // But for the word that it is hidden, the sentence is the same, unless it counts what is hidden.
            if sample.type != "conversion.failed" {
                #expect(told == plain)
            }
        }
    }

    @Test(arguments: SampleEvent.all) func `a hidden value in any place stops nothing`(_ sample: SampleEvent) throws {
        for hidden in [
            SealedValue(subject: "s", key: "1", ciphertext: "AAAA").value, SealedValue.erased(subject: "s"), .null, 7,
            "x", [], [:],
        ] {
            for member in sample.data.object?.members ?? [] {
                guard var data = sample.data.object else { continue }
                data[member.key] = hidden
                #expect(try !timelineSentence(sample.type, .object(data), sample.version).isEmpty)
            }
        }
    }

    @Test(arguments: [
        (
            "workflow.revised", 2,
            "Workflow “Refund a customer” revised: 4 blocks, 3 edges; 1 block added, 1 edge added, 1 variable changed"
        ),
        ("workflow.block_added", 1, "2 blocks added, with 1 edge"),
        ("workflow.sub_block_changed", 1, "2 fields of blocks changed"),
        ("workflow.variable_set", 1, "Variable “limit” set to a value"),
        ("workflow.published", 1, "Revision 19 of the workflow published as “spring”"),
        ("journey.created", 1, "Journey “Refund” created from workflow “refund”: 3 states, 3 transitions"),
        (
            "journey.revised", 1,
            "Journey “Refund” revised: 4 states, 5 transitions; 1 state added, 1 state changed, 2 transitions added, 1 transition changed, 1 label added"
        ),
        ("journey.created", 2, "Journey “Refund” created from a file: 3 states, 3 transitions"),
        ("journey.archived", 2, "Journey archived at revision 3, for a reason"),
        ("workflow_execution.started", 1, "Execution of workflow “refund” started by webhook"),
        (
            "workflow_execution.block_failed", 1,
            "Block “Tell the customer” (slack) failed, with an error; the workflow handled it"
        ),
        ("workflow_execution.wait_started", 1, "Execution waits for a person at block “approve”"),
        ("workflow_execution.noted", 1, "Execution reported as “queued”"),
        ("parlant_session.message_posted", 1, "Customer wrote a message"),
        ("journey_session.state_left", 1, "State “wf-refund.ask” of journey “wf-refund” left for “wf-refund.check”"),
        ("journey_session.rewound", 1, "Session rewound to offset 14: 1 turn undone"),
        ("journey_session.closed", 1, "Session closed: execution ended"),
        (
            "mapping.proposed", 1,
            "Mapping version 1 between workflow “refund” and journey “refund” proposed: 3 blocks, 2 edges"
        ),
        ("conversion.started", 1, "Conversion workflow to journey of “refund” started"),
        ("conversion.failed", 1, "Conversion failed at step validate: invalid source, 1 finding"),
        ("conversion.paths_migrated", 1, "Paths of 2 sessions through journey “refund” worked out anew"),
        ("subject.erased", 1, "Personal data of “customer:17” erased: 11 values in 9 events, up to position 4711"),
    ])
    func `read like this`(_ type: String, _ version: Int32, _ expected: String) throws {
        let sample = try #require(SampleEvent.all.first { $0.type == type && $0.version == version })
        let sentence = try timelineSentence(type, sample.data, version)
        #expect(sentence == expected)
    }
}

/// What the timeline says about an event.
func timelineSentence(_ type: String, _ data: JSONValue, _ version: Int32) throws -> String {
    let category = type.prefix { $0 != "." }
    var fold = NaiveFold(TimelineProjection())
    try fold.fold(history([Fact("\(category)-x", type, bytes: data.compactBytes(), schemaVersion: version)]))
    guard case .text(let summary)? = fold.rows.values.first?.values[7] else { return "" }
    return summary
}
