import WorkflowDomain

/// The words that a side has: what of a value it can tell. The sides are compared in the words that both have, so that neither is contradicted by
/// the other's silence about something that it cannot know.
public struct Vocabulary: Sendable, Hashable, BitwiseCopyable {
    /// A bit for each root.
    private let roots: UInt8
    /// Four bits for each word: the place of the word that stands for it, or ``none``. A table of this size is looked into a hundred times for
    /// each execution, so it is no dictionary.
    private let statuses: UInt32
    private let steps: UInt32

    private static let none: UInt32 = 0xf

    /// A vocabulary by its parts.
    ///
    /// - Parameters:
    ///   - roots: what it can tell anything about.
    ///   - statuses: its word for each status; a status without one it cannot tell from nothing.
    ///   - steps: its word for each standing of a step, likewise.
    /// - Precondition: a word stands for itself: whoever says a word twice says the same. Of two vocabularies that are compared, the words of one have
    ///   to be words of the other, as those of a conversation are of an engine that tells everything.
    public init(
        roots: Set<FieldPath.Root>, statuses: [ExecutionStatus: ExecutionStatus], steps: [VisitStatus: VisitStatus]
    ) {
        self.roots = roots.reduce(0) { $0 | 1 << UInt8($1.rank) }
        self.statuses = Self.table(of: ExecutionStatus.allCases, statuses)
        self.steps = Self.table(of: VisitStatus.allCases, steps)
    }

    private static func table<Word: Hashable>(of all: [Word], _ words: [Word: Word]) -> UInt32 {
        precondition(words.values.allSatisfy { words[$0] == $0 }, "a word stands for itself")
        return all.enumerated().reduce(0) { table, entry in
            let place = words[entry.element].flatMap(all.firstIndex).map(UInt32.init) ?? none
            return table | place << UInt32(4 * entry.offset)
        }
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

    /// Whether it can tell anything about a field.
    public func tells(_ root: FieldPath.Root) -> Bool { roots & 1 << UInt8(root.rank) != 0 }

    /// Its word for a status; `nil` when it has none.
    public func word(for status: ExecutionStatus) -> ExecutionStatus? {
        let place = statuses >> UInt32(4 * status.place) & 0xf
        return place == Self.none ? nil : ExecutionStatus.allCases[Int(place)]
    }

    /// Its word for how a step stands; `nil` when it has none.
    public func word(for status: VisitStatus) -> VisitStatus? {
        let place = steps >> UInt32(4 * status.place) & 0xf
        return place == Self.none ? nil : VisitStatus.allCases[Int(place)]
    }

    /// The value in this side's words; `nil` when it has none for it.
    public func word(for value: FieldValue) -> FieldValue? {
        switch value {
        case .status(let status): word(for: status).map(FieldValue.status)
        case .step(let status): word(for: status).map(FieldValue.step)
        case .content, .hidden: value
        }
    }
}

extension ExecutionStatus {
    /// Its place among all.
    fileprivate var place: Int {
        switch self {
        case .queued: 0
        case .running: 1
        case .waiting: 2
        case .paused: 3
        case .completed: 4
        case .failed: 5
        case .cancelled: 6
        }
    }
}

extension VisitStatus {
    /// Its place among all.
    fileprivate var place: Int {
        switch self {
        case .started: 0
        case .completed: 1
        case .failed: 2
        case .skipped: 3
        }
    }
}
