import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import Ingest
import ReadModels
import Testing
import WorkflowDomain

@testable import lockstep

/// The demonstration runs again in a log that somebody has used meanwhile.
@Suite("What the demonstration compares") struct DemoComparisonTests {
    private let base = InMemoryEventStore()
    private let keys = InMemorySubjectKeys()
    private let subject = DataSubject.workspace(.default)

    private func log() throws -> SealingEventStore<InMemoryEventStore> {
        let masterKeys = try MasterKeys(spellings: ["k:" + Data(repeating: 1, count: 32).base64EncodedString()])
        return SealingEventStore(
            base, marks: PersonalMarks(WorkflowEvent.personalMarks),
            keys: SubjectKeyring(keys, masterKeys: masterKeys), reading: .plain)
    }

    private func importing() async throws -> WorkflowImport {
        let workflow = try #require(try DemoWorkflow.all().first)
        return try await WorkflowImporter(into: try log()).run(try workflow.reading())
    }

    private func tell(_ command: WorkflowDecider.Command, _ stream: StreamName) async throws {
        let context = CommandContext(id: UUID(), time: Timestamp(microseconds: 1_000_000))
        _ = try await CommandHandler<WorkflowDecider, SealingEventStore<InMemoryEventStore>>(try log()).handle(
            StreamCommand(command, to: stream, context))
    }

    private func eraser() -> SubjectEraser<InMemoryEventStore> {
        SubjectEraser(base, keys: keys, workspace: .default)
    }

    /// What the read model shows.
    private func row() async throws -> ViewComparison.Row {
        var fold = NaiveFold(WorkflowsProjection())
        try fold.fold(try await base.read(EventQuery()).events)
        let row = try #require(fold.rows.values.first)
        func value(_ name: String) throws -> ColumnValue {
            row.values[try #require(WorkflowsProjection().table.columns.firstIndex { $0.name == name })]
        }
        func int(_ name: String) throws -> Int64 {
            guard case .int(let value) = try value(name) else { throw NoNumber() }
            return value
        }
        guard case .text(let digest) = try value("digest") else { throw NoNumber() }
        return ViewComparison.Row(
            digest: digest, revision: try int("revision"), lastPosition: try int("last_position"), name: "w",
            blocks: 0, edges: 0)
    }

    private struct NoNumber: Error {}

    @Test func `a read model agrees with a log in which the workflow was published, archived and erased since`()
        async throws
    {
        let first = try await importing()
        let commands: [WorkflowDecider.Command] = [.publish(label: "v1"), .rename("Other"), .archive, .restore]
        for command in commands { try await tell(command, first.stream) }
        _ = try await eraser().erase(subject)
        // The demonstration brings its own name back, as a revision; the archiving of it changes nothing.
        let imported = try await importing()
        try await tell(.publish(label: "v2"), first.stream)
        let head = try await base.head().position
        let logged = try #require(
            try await LoggedDefinition.read(first.stream, from: base, through: head))
        #expect(imported.version.rawValue > logged.revision && head > logged.position)
        let row = try await row()
        #expect(row.shows(logged, of: imported))
        var other = row
        other.revision += 1
        #expect(!other.shows(logged, of: imported))
        other = row
        other.lastPosition -= 1
        #expect(!other.shows(logged, of: imported))
        #expect(try await LoggedDefinition.read(first.stream, from: base, through: .start) == nil)
    }

    @Test func `a subject that was erased before is no failure, and data that are found elsewhere are one`()
        async throws
    {
        let imported = try await importing()
        let living = PrivacyCheck.verdict(on: try await eraser().survey(subject), expecting: [imported.stream])
        #expect(living.isRight && !living.isErased)
        #expect(!PrivacyCheck.verdict(on: try await eraser().survey(subject), expecting: []).isRight)
        _ = try await eraser().erase(subject)
        let erased = PrivacyCheck.verdict(on: try await eraser().survey(subject), expecting: [imported.stream])
        #expect(erased.isRight && erased.isErased && erased.detail.contains("erased already"))
    }
}
