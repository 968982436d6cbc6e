import ArgumentParser
import EventModel
import EventSourcing
import Foundation
import PostgresEventStore

/// `lockstep ingest rejections`.
struct IngestRejectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rejections",
        abstract: "List the messages from Kafka that were refused, with the reasons.",
        discussion: """
            Each is kept once, sealed under the key of its workspace. --show opens one; that needs the master key. Status 1 when there is no \
            such message.

            Examples:
              lockstep ingest rejections
              lockstep ingest rejections --code not_json --limit 1000 --json
              lockstep ingest rejections --state accepted
              lockstep ingest rejections --show 0f0e8d5c-0000-8000-8000-000000000000
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Option(name: .long, help: "waiting, accepted (by a retry) or all. Default: waiting.")
    var state = "waiting"
    @Option(name: .long, help: "Of this tenant only.")
    var workspace: String?
    @Option(name: .long, help: "With this kind of reason only.")
    var code: String?
    @Option(name: .long, parsing: .unconditional, help: "How many at most, the oldest first. Default: 100.")
    var limit = 100
    @Option(name: .long, help: ArgumentHelp("Show one with its content.", valueName: "id"))
    var show: String?

    static let limits = 1...100_000

    func validate() throws {
        guard RejectionQuery.State(rawValue: state) != nil else {
            throw ValidationError("--state is \(Table.printable(state)) and must be waiting, accepted or all.")
        }
        guard Self.limits.contains(limit) else {
            throw ValidationError("--limit is \(limit) and must be 1 to \(Self.limits.upperBound).")
        }
        if let show, UUID(uuidString: show) == nil {
            throw ValidationError("--show needs the id of a refused message, as `lockstep ingest rejections` lists it.")
        }
    }

    func run() async throws {
        let settings = try await database.settings()
        if let id = show.flatMap(UUID.init(uuidString:)) { return try await show(id, settings) }
        let query = RejectionQuery(
            RejectionQuery.State(rawValue: state) ?? .waiting, workspace: try readWorkspace(), code: code, limit: limit)
        let found = try await OpenLog.forReading(settings) { try await $0.rejections(query) }
        if answer.json { found.forEach { RejectionAnswer.line($0) } } else { RejectionAnswer.table(found, of: query) }
    }

    private func show(_ id: UUID, _ settings: DatabaseSettings) async throws {
        let found = try await OpenLog.forReading(settings) { store -> (KeptRejection, RejectionSealing.Opened)? in
            guard let kept = try await store.rejection(id) else { return nil }
            return (kept, try await Intake(into: store, settings.sealing).sealing.open(kept.message))
        }
        guard let (kept, opened) = found else {
            StandardError.write("there is no refused message \(id.text)")
            throw AnsweredNo()
        }
        if answer.json { RejectionAnswer.line(kept, opened) } else { RejectionAnswer.print(kept, opened) }
    }

    private func readWorkspace() throws(Failure) -> Workspace? {
        guard let workspace else { return nil }
        do throws(NameFlaw) { return try Workspace(workspace) } catch {
            throw Failure(.usage, error.description, hint: "see `lockstep ingest rejections --help`")
        }
    }
}
