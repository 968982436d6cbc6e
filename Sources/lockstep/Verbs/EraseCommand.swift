import ArgumentParser
import EventModel
import EventSourcing
import PostgresEventStore
import Synchronization

/// `lockstep erase`.
struct EraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Make the personal data of a subject unreadable, for good, with a receipt.",
        discussion: """
            Destroys the keys that the subject's data is sealed with, then records subject.erased in every stream that holds such data \
            and, with the receipt, in the subject's own stream. Events stay as they are, so digests and proofs still hold. It needs no \
            master key. Running it again completes what was interrupted and answers the same receipt. New data of the subject get a new \
            key. Nothing brings the old data back.

            A process that has used a key in the last 60 seconds may read with it for the rest of that time. What backups hold of the keys \
            is closed by "lockstep keys rotate".

            What an old log holds in plain, from before its type was sealed, no erasure can destroy, because events cannot change. The dry run \
            counts it, and without --leave-plain nothing is erased while there is any.

            Status: 0 erased, now or before; 1 the subject never had sealed data, or has data in plain.

            Examples:
              lockstep erase --subject customer:17 --dry-run
              lockstep erase --subject customer:17 --reason "request 2026-118" --actor ada
              lockstep erase --subject customer:17 --with-linked --json
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions
    @Option(name: .long, help: "Whose data, as it stands beside the sealed values.")
    var subject: String
    @Option(name: .long, help: "The tenant. Default: default.")
    var workspace: String?
    @Flag(name: .long, help: "Only show what would be erased.")
    var dryRun = false
    @Flag(
        name: .long, help: "Also erase the subjects that the dry run lists as linked: those in streams of the same key."
    )
    var withLinked = false
    @Flag(name: .long, help: "Erase what is sealed although other data of the subject stand in the log in plain.")
    var leavePlain = false
    @Option(name: .long, help: "Why, as it is recorded; it stays, so it must not describe a person.")
    var reason: String?
    @Option(name: .long, help: "Who erases, as it is recorded.")
    var actor: String?

    func run() async throws {
        let settings = try await database.settings()
        let erasing = try Erasing(
            subject: subject, workspace: workspace, actor: actor, reason: reason, isDryRun: dryRun,
            withLinked: withLinked, leavesPlain: leavePlain, marks: DomainMarks.all + settings.sealing.ownMarks,
            asJSON: answer.json)
        try await Interruption.cancels {
            let isKnown = try await OpenLog.forAppendingRaw(settings) { store in try await erasing.run(store) }
            guard isKnown else { throw AnsweredNo() }
        }
    }
}
