import EventModel
import EventSourcingTesting
import Foundation
import ReadModels
import Testing

@Suite struct `projections list` {
    @Test func `every projection says what it shows and what a reader may count on, by its schema`() async throws {
        let answer = try await Program.run(["projections", "list", "--json"], environment: [:])
        #expect(answer.status == 0, "\(answer.err)")
        let objects = try answer.objects()
        let schema = try AnswerSchema("projections_list")
        for object in objects { #expect(schema.flaws(in: object) == [], "\(object["projection"]?.string ?? "")") }
        #expect(
            objects.compactMap { $0["projection"]?.string } == [
                "workflows", "journeys", "mappings", "executions", "sessions", "sync_state", "divergences",
                "effects", "policies", "timeline", "activity_by_hour",
            ])
        let hours = try #require(objects.last)
        #expect(hours["key"] == ["workspace", "hour", "type"] && hours["events"] == "all")
        #expect(hours["columns"]?.array?.contains { $0["name"] == "lane" } == false && hours["kept_per_lane"] == true)
    }

    @Test func `its fingerprints are those that are pinned`() async throws {
        let bytes = try ProjectFiles.bytes(ProjectFiles.path("Schemas/postgres/fingerprints.json"))
        let pinned = try #require(try JSONValue(bytes, limits: .file).array)
        for object in try await Program.run(["projections", "list", "--json"], environment: [:]).objects() {
            let entry = pinned.first { $0["projection"] == object["projection"] && $0["version"] == object["version"] }
            let digest = try #require(entry).canonicalDigestOfFingerprint
            #expect(object["fingerprint"]?.string == digest, "\(object["projection"]?.string ?? "")")
        }
    }

    @Test func `people get a table, and a sentence for each row`() async throws {
        let answer = try await Program.run(["projections", "list"], environment: [:])
        #expect(answer.status == 0)
        #expect(answer.out.contains("lockstep_views.sync_state") && answer.out.contains("workflow_execution.* (13)"))
        #expect(answer.out.contains("executions: One row per execution of a workflow, as it stands now."))
        #expect(answer.out.contains("at least as of `position` in lockstep.consumer_progress"))
    }
}

extension JSONValue {
    fileprivate var canonicalDigestOfFingerprint: String? { ProjectionFingerprint(self)?.digest.hexadecimal }
}
