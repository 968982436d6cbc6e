import EventModel
import EventSourcingTesting
import SchemaChecking
import Testing

@testable import Reconciliation

@Suite struct PolicyPublishingTests {
    private func text(_ version: Int, rule: String = "workflow_wins", more: String = "") -> [UInt8] {
        Array(
            "\(more)policy: house\nversion: \(version)\nworkflow: refund\nrules:\n  - path: status\n    rule: \(rule)\n"
                .utf8)
    }

    private func publish(_ bytes: [UInt8], _ state: PolicyDecider.State) throws -> [PolicyEvent] {
        try PolicyDecider.decide(.publish(PolicyPublication(yaml: bytes)), state)
    }

    private func state(_ texts: [[UInt8]]) throws -> PolicyDecider.State {
        try texts.reduce(into: PolicyDecider.initialState) { state, bytes in
            for event in try publish(bytes, state) { state = PolicyDecider.evolve(state, event) }
        }
    }

    @Test func `the first version is published, and the next one takes its place`() throws {
        let first = try PolicyPublication(yaml: text(1))
        #expect(try publish(text(1), PolicyDecider.initialState) == [.published(first)])
        let next = try PolicyPublication(yaml: text(3))
        #expect(try publish(text(3), state([text(1)])) == [.superseded(version: 1, by: 3), .published(next)])
        #expect(try state([text(1), text(3)]).current == 3)
    }

    @Test func `a version that is on record is not published again, current or not, however it is written`() throws {
        let known = try state([text(1), text(2)])
        #expect(try publish(text(1), known) == [])
        #expect(try publish(text(2), known) == [])
        #expect(try publish(text(2, more: "# only a comment\n"), known) == [])
        let json =
            #"{"version": 2, "policy": "house", "rules": [{"rule": "workflow_wins", "path": "status"}], "workflow": "refund"}"#
        #expect(try publish(Array(json.utf8), known) == [])
    }

    @Test func `another text under a version that is on record is refused, with both digests`() throws {
        let given = try PolicyPublication(yaml: text(1, rule: "manual"))
        let recorded = try PolicyPublication(yaml: text(1))
        let refusal = PolicyDecider.Rejection.edited(
            name: "house", version: 1, recorded: recorded.digest, given: given.digest, current: 2)
        #expect(throws: refusal) { try publish(text(1, rule: "manual"), state([text(1), text(2)])) }
        let words = "\(refusal)"
        #expect(words.contains(recorded.digest.hexadecimal) && words.contains(given.digest.hexadecimal))
        #expect(words.contains("; give what the file says version 3"))
    }

    @Test func `a lower version that was never published is refused`() throws {
        #expect(throws: PolicyDecider.Rejection.outdated(name: "house", version: 2, current: 3)) {
            try publish(text(2), state([text(3)]))
        }
    }

    @Test func `what is no policy cannot be published`() {
        for bytes in [[], Array("policy: house\nversion: 0\nrules: []".utf8), [0xff, 0xfe], text(1, rule: "no_rule")] {
            #expect(throws: PolicyFlaws.self) { try PolicyPublication(yaml: bytes) }
        }
    }

    @Test(arguments: PolicyEvent.Kind.allCases)
    func `every event is written as its schema says, and read back`(_ kind: PolicyEvent.Kind) throws {
        let folder = ProjectFiles.eventSchemas(of: PolicyEvent.category)
        let name = kind.rawValue.dropFirst("policy.".count)
        let sample = try ProjectFiles.bytes("\(folder)/\(name).v1.sample.json")
        let event = try PolicyEvent(decoding: sample, type: EventType(trusting: kind.rawValue), schemaVersion: 1)
        #expect(event.kind == kind && event.schemaVersion == 1)
        #expect(event.payload.canonicalized == (try JSONValue(sample)).canonicalized)
        #expect(throws: EventFlaw.self) {
            try PolicyEvent(decoding: sample, type: EventType(trusting: kind.rawValue), schemaVersion: 2)
        }
        if case .published(let policy) = event {
            #expect(try PolicyPublication(yaml: Array(policy.text.utf8)) == policy)
            #expect(try policy.stream().rawValue == "policy-house")
        }
    }

    @Test(arguments: [
        "{}", #"{"name":"h","version":1,"digest":"x","scope":{},"text":"t"}"#,
        #"{"name":"h","version":"1","digest":"x","scope":{},"text":"t"}"#,
        #"{"name":"h","version":1,"digest":"0000000000000000000000000000000000000000000000000000000000000000","scope":7,"text":"t"}"#,
        #"{"name":"h","version":1,"digest":"0000000000000000000000000000000000000000000000000000000000000000","scope":{"workspace":"\u0001"},"text":"t"}"#,
    ])
    func `a publication that is not as its schema says is a flaw`(_ data: String) {
        #expect(throws: EventFlaw.self) {
            try PolicyEvent(decoding: Array(data.utf8), type: EventType(trusting: "policy.published"), schemaVersion: 1)
        }
    }
}
