import EventModel
import WorkflowDomain

/// Both sides as they stand: whether what is to be so can be brought about.
public struct Audience: Sendable {
    /// One side.
    struct Listener: Sendable {
        let capabilities: Capabilities
        let words: Vocabulary
        let status: ExecutionStatus?
        let waitsAt: ElementID?

        /// Whether it says a value already, or can be told.
        func hears(_ value: FieldValue?, about path: FieldPath, saying present: FieldValue?) -> Bool {
            guard present != value else { return true }
            let told = value.flatMap(words.word)
            return present == told || capabilities.canTell(path, told, at: status, waitingAt: waitsAt)
        }
    }

    /// `nil` when everything can be told, which is then not asked for each field.
    private let listeners: (workflow: Listener, journey: Listener)?

    private init() { listeners = nil }

    /// Everything can be told to both.
    public static let willing = Audience()

    /// Both sides by how they stand.
    ///
    /// - Parameters:
    ///   - telling: what they can be told.
    ///   - workflow: how the workflow stands; `nil` when that is not known.
    ///   - journey: how the journey stands.
    ///   - waitsAt: the block at which the workflow waits, if it does.
    public init(
        _ telling: Telling, workflow: ExecutionStatus?, journey: ExecutionStatus?, waitsAt: ElementID?,
        workflowWords: Vocabulary = .everything, journeyWords: Vocabulary = .conversation
    ) {
        guard telling != .everything else {
            listeners = nil
            return
        }
        listeners = (
            Listener(capabilities: telling.workflow, words: workflowWords, status: workflow, waitsAt: waitsAt),
            Listener(capabilities: telling.journey, words: journeyWords, status: journey, waitsAt: nil)
        )
    }

    /// Both sides as they say that they stand.
    init(_ sides: Comparison.Sides, _ telling: Telling) {
        self.init(
            telling, workflow: sides.workflow.status, journey: sides.journey.status, waitsAt: sides.waitsAt,
            workflowWords: sides.workflowWords, journeyWords: sides.journeyWords)
    }

    /// Whether both sides say it already, or can be told.
    func hears(_ value: FieldValue?, about finding: Finding) -> Bool {
        hears(.workflow, value, about: finding) && hears(.journey, value, about: finding)
    }

    /// Whether a side says it already, or can be told.
    func hears(_ side: Side, _ value: FieldValue?, about finding: Finding) -> Bool {
        guard let listeners else { return true }
        let listener = side == .workflow ? listeners.workflow : listeners.journey
        return listener.hears(value, about: finding.path, saying: finding[side])
    }
}

extension Claims {
    /// How the side stands; `nil` when it does not say.
    fileprivate var status: ExecutionStatus? {
        guard case .status(let status)? = self[.status]?.value else { return nil }
        return status
    }
}
