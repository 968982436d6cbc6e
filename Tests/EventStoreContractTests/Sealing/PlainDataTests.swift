import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Testing

@Suite struct `Data that stand in plain` {
    /// `letter.sent` is sealed since version 3, and belongs to its workspace.
    private static let marks =
        ["note.written@1:/text=/subject", "note.written@1:/lines/[*]=/subject", "account.opened@1:/n=$key"]
        .compactMap(PersonalMark.init(spelling:)) + [
            PersonalMark(EventType(trusting: "letter.sent"), version: 3, at: [.key("text")], of: .workspace)
        ]

    private static func letter(_ version: Int32) -> EventDraft {
        .draft("letter.sent", schemaVersion: version, data: #"{"text":"x"}"#)
    }

    /// What was written before anything was sealed, what was sealed since, and what is of others.
    private static func fill(_ world: SealingWorld) async throws {
        let plain: [(EventDraft, StreamName)] = [
            (SealingWorld.note("a"), "note-1"), (SealingWorld.note("b", of: "customer:8"), "note-2"),
            (letter(1), "letter-1"), (letter(2), "letter-2"),
            (.draft("account.opened", data: #"{"n":"x"}"#), "account-9"),
            (.draft("note.read", data: #"{"subject":"customer:7","text":"of a type that nobody marked"}"#), "note-1"),
            (.draft("note.written", data: #"{"subject":"customer:7","text":null,"lines":[]}"#), "note-1"),
        ]
        for (draft, stream) in plain {
            _ = try await world.log.append(AppendRequest([draft], to: stream, expecting: .any))
        }
        _ = try await world.sealing().append(
            AppendRequest([SealingWorld.note("sealed", lines: ["too"])], to: "note-1", expecting: .any))
        _ = try await world.log.append(
            AppendRequest(workspace: Workspace("acme"), [SealingWorld.note("elsewhere")], to: "note-1", expecting: .any)
        )
    }

    @Test(arguments: SealingStores.available)
    func `are found by subject, in versions from before sealing and at marked places`(_ isPostgres: Bool) async throws {
        try await SealingWorld.with(isPostgres) { world in
            try await Self.fill(world)
            let scan = PlainDataScan(world.log, marks: Self.marks, workspace: .default)
            let customer = try await scan.findings(of: DataSubject("customer:7"))
            #expect(customer.events == 1 && customer.streams == ["note-1"])
            #expect(customer.first == GlobalPosition(1) && customer.last == GlobalPosition(1))
            let workspace = try await scan.findings(of: .workspace(.default))
            #expect(workspace.types == [EventType(trusting: "letter.sent"): 2])
            #expect(workspace.first == GlobalPosition(3) && workspace.last == GlobalPosition(4))
            #expect(try await scan.findings(of: DataSubject("key:9")).streams == ["account-9"])
            #expect(try await scan.findings(of: DataSubject("customer:9")) == PlainFindings())
            let acme = PlainDataScan(world.log, marks: Self.marks, workspace: try Workspace("acme"))
            #expect(try await acme.findings(of: DataSubject("customer:7")).events == 1)
        }
    }

    @Test(arguments: SealingStores.available)
    func `stay after an erasure, which finds what is sealed and nothing else`(_ isPostgres: Bool) async throws {
        try await SealingWorld.with(isPostgres) { world in
            try await Self.fill(world)
            let subject = try DataSubject("customer:7")
            let scan = PlainDataScan(world.log, marks: Self.marks, workspace: .default)
            let before = try await scan.findings(of: subject)
            guard case .erased(let event, _) = try await world.eraser().erase(subject) else {
                Issue.record("nothing was erased")
                return
            }
            #expect(event.extent.events == 1 && event.extent.values == 2)
            #expect(try await scan.findings(of: subject) == before)
        }
    }
}
