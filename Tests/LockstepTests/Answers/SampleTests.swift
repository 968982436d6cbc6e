import EventModel
import EventSourcingTesting
import Foundation
import Testing

@Suite("Schemas of answers") struct SampleTests {
    @Test(arguments: [
        "append", "read", "tail", "import", "ingest", "ingest_rejections", "ingest_retry", "projections_status",
        "projections_list",
        "audit_verify",
        "bench", "erase", "validate", "convert", "convert_history", "export", "import_journey", "parlant_push",
        "parlant_status", "parlant_session",
        "workflow", "replay", "projections_rebuild", "projections_parked", "projections_retry", "projections_skip",
        "snapshots", "policy_check", "policy_publish", "policy_list", "reconcile_owner", "reconcile_owners",
        "reconcile_run", "reconcile_jobs", "reconcile_status", "reconcile_explain", "reconcile_flip",
        "reconcile_what_if", "reconcile_drift",
    ])
    func `every sample fits its schema`(_ name: String) throws {
        let schema = try AnswerSchema(name)
        let files = try ProjectFiles.names(in: AnswerSchema.directory)
            .filter { $0.hasPrefix("\(name).v1.") && $0.hasSuffix("sample.json") }
        #expect(!files.isEmpty)
        for file in files {
            let bytes = try ProjectFiles.bytes("\(AnswerSchema.directory)/\(file)")
            #expect(schema.flaws(in: try JSONValue(bytes)) == [], "\(file)")
        }
    }

    @Test func `a missing key, a wrong type and an unknown key are noticed`() throws {
        let schema = try AnswerSchema("append")
        #expect(schema.flaws(in: ["outcome": "appended", "first_position": 1, "last_position": 1, "version": 1]) != [])
        #expect(schema.flaws(in: ["outcome": "refused", "line": "1", "error": "x"]) != [])
        #expect(schema.flaws(in: ["outcome": "refused", "line": 1, "error": "x", "more": 1]) != [])
        #expect(schema.flaws(in: ["outcome": "refused", "line": 1, "error": "x"]) == [])
    }
}
