import EventModel
import EventSourcing
import PostgresEventStore

/// Erases a subject, or shows what that would erase.
struct Erasing: Sendable {
    private let subject: DataSubject
    private let workspace: Workspace
    private let actor: String?
    private let reason: String?
    private let isDryRun: Bool
    private let withLinked: Bool
    private let asJSON: Bool

    init(
        subject: String, workspace: String?, actor: String?, reason: String?, isDryRun: Bool, withLinked: Bool,
        asJSON: Bool
    ) throws(Failure) {
        let help = "see `lockstep erase --help`"
        do throws(SubjectFlaw) { self.subject = try DataSubject(subject) } catch {
            throw Failure(.usage, error.description, hint: help)
        }
        do throws(NameFlaw) { self.workspace = try workspace.map(Workspace.init) ?? .default } catch {
            throw Failure(.usage, error.description, hint: help)
        }
        let limit = SubjectErased.Receipt.reasonLimit
        if let reason, !(1...limit).contains(reason.utf8.count) || reason.utf8.contains(0) {
            throw Failure(.usage, "--reason must have 1 to \(limit) bytes", hint: help)
        }
        if let actor,
            !(1...AppendLimits.actorBytes).contains(actor.utf8.count)
                || actor.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f })
        {
            throw Failure(
                .usage, "--actor must have 1 to \(AppendLimits.actorBytes) bytes and no control characters", hint: help)
        }
        self.actor = actor
        self.reason = reason
        self.isDryRun = isDryRun
        self.withLinked = withLinked
        self.asJSON = asJSON
    }

    /// - Returns: whether the subject is known.
    func run(_ store: PostgresEventStore) async throws -> Bool {
        let head = try await store.head().position
        let progress = ProgressDisplay("looking", isShown: !asJSON)
        let eraser = SubjectEraser(store, keys: store, workspace: workspace) { position in
            progress.show(position.rawValue, of: max(head, position).rawValue)
        }
        guard !isDryRun else {
            let survey = try await eraser.survey(subject)
            progress.clear()
            let answer = ErasureAnswer(survey, in: workspace)
            answer.give(asJSON: asJSON)
            return answer.isYes
        }
        // What is linked is found by what is still sealed for the subject, so before its keys go.
        let linked = withLinked ? try await eraser.survey(subject).linked.keys.sorted { $0.text < $1.text } : []
        var isKnown = true
        for each in [subject] + linked {
            let outcome = try await eraser.erase(each, by: actor, because: reason)
            progress.clear()
            let answer = ErasureAnswer(outcome, of: each, in: workspace)
            answer.give(asJSON: asJSON)
            isKnown = isKnown && answer.isYes
        }
        return isKnown
    }
}
