import EventModel

/// The structural difference between two revisions of a journey, and what it takes to bring it to Parlant.
public struct JourneyDifference: Equatable, Sendable {
    /// What it takes to bring a difference to a Parlant server, the most first.
    public enum Kind: String, Sendable, CaseIterable {
        /// Title, description, priority or composition mode differ: the journey has to be created anew, because changing them in place breaks
        /// the first turn of every new session.
        case recreation
        /// The graph differs: it has to be replaced, and the paths of live sessions be migrated.
        case structure
        /// Only labels, tags or conditions of activation differ, which can be changed in place.
        case labels
        /// Only what Parlant has no place for differs.
        case metadata
    }

    /// The differences among elements of one kind, each list ordered by id.
    public struct Elements: Equatable, Sendable {
        /// Ids that are new.
        public let added: [ElementID]
        /// Ids that are gone.
        public let removed: [ElementID]
        /// Ids whose element differs in anything.
        public let changed: [ElementID]

        /// The lists as given.
        public init(added: [ElementID] = [], removed: [ElementID] = [], changed: [ElementID] = []) {
            self.added = added
            self.removed = removed
            self.changed = changed
        }

        /// Whether nothing differs.
        public var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }
    }

    /// The differences among texts.
    public struct Texts: Equatable, Sendable {
        /// Texts that are new.
        public let added: [String]
        /// Texts that are gone.
        public let removed: [String]

        /// The lists as given.
        public init(added: [String] = [], removed: [String] = []) {
            self.added = added
            self.removed = removed
        }

        /// Whether nothing differs.
        public var isEmpty: Bool { added.isEmpty && removed.isEmpty }
    }

    /// How many texts differ that are personal; they stand in the definitions before and after.
    public struct Counts: Equatable, Sendable {
        /// How many are new.
        public let added: Int
        /// How many are gone.
        public let removed: Int

        /// The numbers as given.
        public init(added: Int = 0, removed: Int = 0) {
            self.added = added
            self.removed = removed
        }

        /// Whether nothing differs.
        public var isEmpty: Bool { added == 0 && removed == 0 }
    }

    /// What else can differ.
    public enum Field: String, Sendable, CaseIterable {
        /// The title.
        case title
        /// Parlant's `description`.
        case description
        /// The priority.
        case priority
        /// How the agent composes messages.
        case compositionMode = "composition_mode"
        /// Which state is the root.
        case root
        /// The order of transitions that both have, in which Parlant numbers the states.
        case order
        /// The order of conditions, or how often one is given.
        case conditions
        /// Our notes.
        case metadata
        /// Fields that are not ours to understand.
        case extra
    }

    /// States.
    public let states: Elements
    /// Transitions.
    public let transitions: Elements
    /// Conditions of activation.
    public let conditions: Counts
    /// Labels.
    public let labels: Texts
    /// Tags.
    public let tags: Texts
    /// Fields that differ, in the order of ``Field/allCases``.
    public let fields: [Field]
    /// Whether only what is open was compared, because the definition before was hidden: more may differ than is said, and ``kind`` is the
    /// most that it may take.
    public let isPartial: Bool
    /// Whether ids and texts were left out to stay within ``JourneyLimits/changeBytes``.
    public let isTruncated: Bool
    /// The most that it takes.
    public let kind: Kind

    /// A difference as given.
    public init(
        states: Elements, transitions: Elements, conditions: Counts, labels: Texts, tags: Texts, fields: [Field],
        isPartial: Bool = false, isTruncated: Bool = false, kind: Kind
    ) {
        self.states = states
        self.transitions = transitions
        self.conditions = conditions
        self.labels = labels
        self.tags = tags
        self.fields = fields
        self.isPartial = isPartial
        self.isTruncated = isTruncated
        self.kind = kind
    }
}
