import WorkflowDomain

/// The words that a side has: what of a value it can tell. The sides are compared in the words that both have, so that neither is contradicted by
/// the other's silence about something that it cannot know.
public struct Vocabulary: Sendable, Hashable {
    /// What it can tell anything about.
    public let roots: Set<FieldPath.Root>
    /// Its word for each status; a status without one it cannot tell from nothing.
    public let statuses: [ExecutionStatus: ExecutionStatus]
    /// Its word for each standing of a step, likewise.
    public let steps: [VisitStatus: VisitStatus]

    /// A vocabulary by its parts.
    ///
    /// - Precondition: a word stands for itself: whoever says a word twice says the same.
    public init(
        roots: Set<FieldPath.Root>, statuses: [ExecutionStatus: ExecutionStatus], steps: [VisitStatus: VisitStatus]
    ) {
        precondition(statuses.values.allSatisfy { statuses[$0] == $0 }, "a word stands for itself")
        precondition(steps.values.allSatisfy { steps[$0] == $0 }, "a word stands for itself")
        self.roots = roots
        self.statuses = statuses
        self.steps = steps
    }

    /// An engine that tells everything.
    public static let everything = Vocabulary(
        roots: Set(FieldPath.Root.allCases),
        statuses: Dictionary(uniqueKeysWithValues: ExecutionStatus.allCases.map { ($0, $0) }),
        steps: Dictionary(uniqueKeysWithValues: VisitStatus.allCases.map { ($0, $0) }))

    /// A conversation: it is under way, has come to its end, or was broken off, and knows neither what blocks have answered nor why one failed. A
    /// state that it has passed was passed, however its block ended; one that it never came to was skipped or is still to come.
    public static let conversation = Vocabulary(
        roots: [.status, .steps, .variables, .inputs],
        statuses: [
            .queued: .running, .running: .running, .waiting: .running, .paused: .running, .completed: .completed,
            .failed: .cancelled, .cancelled: .cancelled,
        ],
        steps: [.started: .started, .completed: .completed, .failed: .completed])

    /// The value in this side's words; `nil` when it has none for it.
    public func word(for value: FieldValue) -> FieldValue? {
        switch value {
        case .status(let status): statuses[status].map(FieldValue.status)
        case .step(let status): steps[status].map(FieldValue.step)
        case .content, .hidden: value
        }
    }
}
