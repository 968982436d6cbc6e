import ArgumentParser
import EventModel
import EventSourcing
import Foundation
import Ingest
import PostgresEventStore

/// `lockstep ingest retry`.
struct IngestRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Try refused messages again.",
        discussion: """
            What is accepted is marked so and not tried again; trying twice appends nothing twice. Status 1 when one of them is still refused, \
            or cannot be opened because its key was destroyed, or does not exist.

            Examples:
              lockstep ingest retry 0f0e8d5c-0000-8000-8000-000000000000
              lockstep ingest retry --all
              lockstep ingest retry --all --code unknown_workspace --json
            """)

    /// Refused messages that are read at a time.
    private static let page = 100

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Flag(name: .long, help: "Every message that waits.")
    var all = false
    @Option(name: .long, help: "With --all: with this kind of reason only.")
    var code: String?
    @Argument(help: "The ids, as `lockstep ingest rejections` lists them.")
    var ids: [String] = []

    func validate() throws {
        guard all != !ids.isEmpty else { throw ValidationError("Name refused messages by their ids, or give --all.") }
        guard code == nil || all else { throw ValidationError("--code goes with --all.") }
        if let wrong = ids.first(where: { UUID(uuidString: $0) == nil }) {
            throw ValidationError("\(Table.printable(wrong)) is not the id of a refused message.")
        }
    }

    func run() async throws {
        let source = try await database.source()
        let settings = try DatabaseSettings(source, url: database.database)
        let workspaces = try IngestSettings(source).workspaces
        let counts = try await Interruption.cancels {
            try await OpenLog.forAppendingRaw(settings) { store in
                let intake = try Intake(into: store, settings.sealing)
                let retry = RejectionRetry(
                    at: intake.desks, for: workspaces, remembering: store, of: store, sealing: intake.sealing)
                return try await all ? retryAll(retry, store) : retryNamed(retry, store)
            }
        }
        if !answer.json {
            StandardOutput.shared.write("\(counts.accepted) accepted, \(counts.others) not")
        }
        guard counts.others == 0 else { throw AnsweredNo() }
    }

    private typealias Retry = RejectionRetry<PostgresEventStore, PostgresEventStore>

    private struct Counts: Sendable {
        var accepted = 0
        var others = 0
    }

    private func retryNamed(_ retry: Retry, _ store: PostgresEventStore) async throws -> Counts {
        var counts = Counts()
        for id in ids.compactMap(UUID.init(uuidString:)) {
            let kept = try await store.rejection(id)
            var outcome: Retry.Outcome?
            if let kept { outcome = try await retry(kept) }
            tell(outcome, of: id, &counts)
        }
        return counts
    }

    /// Those that wait when it begins to read them; each is tried once.
    private func retryAll(_ retry: Retry, _ store: PostgresEventStore) async throws -> Counts {
        var counts = Counts()
        var query = RejectionQuery(.waiting, code: code, limit: Self.page)
        while true {
            let page = try await store.rejections(query)
            for kept in page { tell(try await retry(kept), of: kept.message.id, &counts) }
            guard let last = page.last, page.count == Self.page else { return counts }
            query.after = (last.rejectedAt, last.message.id)
        }
    }

    private func tell(_ outcome: Retry.Outcome?, of id: UUID, _ counts: inout Counts) {
        switch outcome {
        case .accepted, .acceptedBefore: counts.accepted += 1
        case .refused, .destroyed, nil: counts.others += 1
        }
        RetryAnswer.tell(outcome, of: id, asJSON: answer.json)
    }
}
