import EventModel
import EventSourcingTesting
import Schemas
import Testing
import WorkflowDomain

@testable import Reconciliation
@testable import SchemaChecking

@Suite struct `A policy's document` {
    private static let head = "policy: p\nversion: 1\n"

    /// Documents, and whether they are policies.
    static let documents: [(text: String, isPolicy: Bool)] = [
        (head + "rules: []", true),
        (#"{"policy":"p","version":1,"rules":[{"path":"**","rule":"manual"}]}"#, true),
        (head + "workspace: shop\nworkflow: refund\ndescription: d\nrules: [{path: status, rule: furthest}]", true),
        (head + "rules: [{path: steps/*, rule: latest, owner: journey, otherwise: accept, because: why}]", true),
        (head + "rules: [{path: variables/a/b/**, rule: union}, {path: variables/*/b, rule: max}]", true),
        (
            head + "rules: [{path: error/message, rule: min}, {path: error, rule: min}, {path: error/**, rule: first}]",
            true
        ),
        (head + "rules: [{path: variables/a~1b~0c, rule: latest}, {path: inputs/**, rule: refuse}]", true),
        (head + "rules: [{path: \"status/**\", rule: workflow_wins}, {path: \"steps/a/**\", rule: manual}]", true),
        ("policy: p\nversion: 2147483647\nrules: []", true),
        ("policy: \(String(repeating: "p", count: 100))\nversion: 1\nrules: []", true),
        ("policy: \(String(repeating: "p", count: 101))\nversion: 1\nrules: []", false),
        ("policy: ''\nversion: 1\nrules: []", false), ("policy: a b\nversion: 1\nrules: []", false),
        ("policy: ünsafe\nversion: 1\nrules: []", false), ("policy: 1\nversion: 1\nrules: []", false),
        ("version: 1\nrules: []", false), ("policy: p\nrules: []", false), ("policy: p\nversion: 1", false),
        ("policy: p\nversion: 0\nrules: []", false), ("policy: p\nversion: 1.5\nrules: []", false),
        ("policy: p\nversion: '1'\nrules: []", false), ("policy: p\nversion: 2147483648\nrules: []", false),
        (head + "rules: {}", false), (head + "rules: null", false), (head + "rules: [1]", false),
        (head + "rules: []\ncolour: red", false), (head + "rules: [{path: status, rule: latest, hue: 1}]", false),
        (head + "workspace: ''\nrules: []", false), (head + "workspace: -x\nrules: []", false),
        (head + "workspace: null\nrules: []", false), (head + "workflow: a/b\nrules: []", false),
        (head + "workflow: 7\nrules: []", false), (head + "description: 7\nrules: []", false),
        (head + "rules: [{path: status}]", false), (head + "rules: [{rule: latest}]", false),
        (head + "rules: [{path: 1, rule: latest}]", false), (head + "rules: [{path: status, rule: Latest}]", false),
        (head + "rules: [{path: status, rule: latest, owner: both}]", false),
        (head + "rules: [{path: status, rule: latest, owner: null}]", false),
        (head + "rules: [{path: status, rule: latest, otherwise: ignore}]", false),
        (head + "rules: [{path: status, rule: latest, because: [1]}]", false),
        (head + "rules: [{path: state, rule: latest}]", false), (head + "rules: [{path: '*', rule: latest}]", false),
        (head + "rules: [{path: steps, rule: latest}]", false),
        (head + "rules: [{path: status/x, rule: latest}]", false),
        (head + "rules: [{path: steps/a/b, rule: latest}]", false),
        (head + "rules: [{path: steps/a/b/**, rule: latest}]", false),
        (head + "rules: [{path: variables/**/a, rule: latest}]", false),
        (head + "rules: [{path: variables/a~2, rule: latest}]", false),
        (head + "rules: [{path: 'variables/a~', rule: latest}]", false),
        (head + "rules: [{path: '', rule: latest}]", false),
        (head + "rules: [{path: status, rule: max}]", false),
        (head + "rules: [{path: variables/v, rule: furthest}]", false),
        (head + "rules: [{path: '**', rule: union}]", false), (head + "rules: [{path: '**', rule: furthest}]", false),
        (head + "rules: [{path: variables/\(String(repeating: "a", count: 990)), rule: latest}]", true),
        (head + "rules: [{path: variables/\(String(repeating: "a", count: 991)), rule: latest}]", false),
        (head + "rules: [{path: status, rule: latest, because: \(String(repeating: "é", count: 2_000))}]", true),
        (head + "rules: [{path: status, rule: latest, because: \(String(repeating: "é", count: 2_001))}]", false),
        (head + "rules:\n" + (0..<500).map { "- {path: steps/b\($0), rule: latest}" }.joined(separator: "\n"), true),
        (head + "rules:\n" + (0..<501).map { "- {path: steps/b\($0), rule: latest}" }.joined(separator: "\n"), false),
        ("[]", false), ("just a text", false), ("7", false),
    ]

    @Test(arguments: documents)
    func `is judged alike by the program and by the JSON Schema`(_ text: String, _ isPolicy: Bool) throws {
        let value = try YAMLDocument.value(text)
        let flaws: [String]
        do throws(PolicyFlaws) {
            _ = try Policy(value)
            flaws = []
        } catch {
            flaws = error.all.map(\.description)
        }
        #expect(flaws.isEmpty == isPolicy, "\(flaws)")
        let schema = SchemaValidation(root: try JSONValue(Schemas.policySchema))
        #expect(schema.flaws(in: value).isEmpty == isPolicy, "\(schema.flaws(in: value))")
        #expect((PolicyCheck(yaml: Array(text.utf8)).policy != nil) == isPolicy)
    }

    @Test(arguments: ["default", "latest", "order_desk", "refund_desk"])
    func `of those that come along fits the schema`(_ name: String) throws {
        let bytes = try ProjectFiles.bytes(ProjectFiles.path("Schemas/policies/\(name).yaml"))
        let schema = SchemaValidation(root: try JSONValue(Schemas.policySchema))
        #expect(schema.flaws(in: try YAMLDocument.value(String(decoding: bytes, as: UTF8.self))) == [])
    }

    @Test(arguments: [
        ("", "a policy is missing"), ("# nothing but a comment", "a policy is missing"),
        ("policy: [", "this is not YAML"), ("policy: p\npolicy: q", "a key is given twice"),
        ("a: &a [1]\nb: *a", "aliases (*name) are not supported"),
        ("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]", "aliases (*name) are not supported"),
        (String(repeating: "[", count: 12) + String(repeating: "]", count: 12), "nested deeper than 8 levels"),
        (String(repeating: "{a: ", count: 50_000), "nested deeper than 8 levels"),
        ("rules: [" + String(repeating: "1,", count: 20_000) + "]", "there are more than 10000 values"),
        ("# " + String(repeating: "x", count: 262_143), "262145 bytes, the limit is 262144"),
        ("policy: p\n--- \npolicy: q", "this is not YAML"), ("policy: \"\\0\"", "this is not YAML"),
        ("policy: !!binary aGVsbG8=\nversion: 1\nrules: [", "this is not YAML"),
    ])
    func `that is none of ours is refused with one sentence`(_ text: String, _ message: String) {
        let flaws = PolicyCheck(yaml: Array(text.utf8)).flaws
        #expect(flaws.count == 1 && flaws.first?.message.contains(message) == true, "\(flaws)")
    }

    @Test func `that was cut off anywhere is refused, or says something else, but never crashes`() {
        let whole = Schemas.defaultPolicy
        for end in stride(from: 0, to: whole.count, by: 7) {
            let check = PolicyCheck(yaml: Array(whole[..<end]))
            #expect(check.policy == nil || check.flaws.isEmpty)
        }
        #expect(!PolicyCheck(yaml: [0xFF, 0xFE, 0x00]).flaws.isEmpty)
    }
}

/// YAML as the program reads it.
enum YAMLDocument {
    static func value(_ text: String) throws -> JSONValue {
        try YAMLText.value(of: Array(text.utf8), limits: PolicyLimits.yaml)
    }
}
