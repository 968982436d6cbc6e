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
    private let leavesPlain: Bool
    private let marks: [PersonalMark]
    private let asJSON: Bool

    init(
        subject: String, workspace: String?, actor: String?, reason: String?, isDryRun: Bool, withLinked: Bool,
        leavesPlain: Bool, marks: [PersonalMark], asJSON: Bool
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
        self.leavesPlain = leavesPlain
        self.marks = marks
        self.asJSON = asJSON
    }

    /// - Returns: whether the subject is known.
    /// - Throws: ``Failure`` before anything is destroyed, when data of the subject stand in the log in plain and nobody has said that they
    ///   are to be left.
    func run(_ store: PostgresEventStore) async throws -> Bool {
        let head = try await store.head().position
        let progress = ProgressDisplay("looking", isShown: !asJSON)
        let plain = PlainDataScan(store, marks: marks, workspace: workspace) { position in
            progress.show(position.rawValue, of: max(head, position).rawValue)
        }
        let eraser = SubjectEraser(store, keys: store, workspace: workspace) { position in
            progress.show(position.rawValue, of: max(head, position).rawValue)
        }
        guard !isDryRun else {
            let survey = try await eraser.survey(subject)
            let plain = try await plain.findings(of: subject)
            progress.clear()
            let answer = ErasureAnswer(survey, plain, in: workspace)
            answer.give(asJSON: asJSON)
            return answer.isYes
        }
        // What is linked is found by what is still sealed for the subject, so before its keys go.
        let linked = withLinked ? try await eraser.survey(subject).linked.keys.sorted { $0.text < $1.text } : []
        var left: [PlainFindings] = []
        for each in [subject] + linked { left.append(try await plain.findings(of: each)) }
        progress.clear()
        for (each, plain) in zip([subject] + linked, left) where plain.events > 0 && !leavesPlain {
            throw Failure(plain, of: each)
        }
        var isKnown = true
        for (each, plain) in zip([subject] + linked, left) {
            let outcome = try await eraser.erase(each, by: actor, because: reason)
            progress.clear()
            let answer = ErasureAnswer(outcome, of: each, plain, in: workspace)
            answer.give(asJSON: asJSON)
            isKnown = isKnown && answer.isYes
        }
        return isKnown
    }
}

extension Failure {
    /// What an erasure cannot destroy, said before anybody believes that it has.
    init(_ plain: PlainFindings, of subject: DataSubject) {
        let range = "\(plain.first ?? .start) to \(plain.last ?? .start)"
        self.init(
            .no,
            "\(Counted.of(plain.events, "event")), at positions \(range), \(plain.events == 1 ? "holds" : "hold") data of \(Table.printable(subject.text)) in plain, from before "
                + "they were sealed, and no erasure can destroy those; nothing was erased",
            hint:
                "see which with --dry-run, then erase what is sealed, and leave the rest as it is, with --leave-plain")
    }
}
