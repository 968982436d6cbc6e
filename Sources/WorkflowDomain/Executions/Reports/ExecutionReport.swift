import EventModel

/// What somebody says about an execution: one fact, in our words, with the original words beside it.
public struct ExecutionReport: Equatable, Sendable {
    /// The execution.
    public let execution: ExecutionID
    /// The workflow that it runs, when the report says.
    public let workflow: WorkflowID?
    /// Whose personal data the contents are: `customer:<id>`, `execution:<id>`.
    public let subject: String
    /// What happened.
    public let fact: ExecutionFact
    /// When it was said to have happened, by the engine's clock; `nil` when nobody says.
    public let at: Timestamp?
    /// When the thing that the fact is about (the block's visit, else the execution) began.
    public let startedAt: Timestamp?
    /// When it ended.
    public let endedAt: Timestamp?
    /// What it was about: personal data.
    public let contents: ReportContents
    /// How the engine said it.
    public let original: OriginalWord

    /// A report.
    ///
    /// - Parameter subject: the execution itself, ``ExecutionID/subject``, when `nil`.
    public init(
        _ fact: ExecutionFact, of execution: ExecutionID, workflow: WorkflowID? = nil, subject: String? = nil,
        at: Timestamp? = nil, startedAt: Timestamp? = nil, endedAt: Timestamp? = nil,
        contents: ReportContents = ReportContents(), original: OriginalWord
    ) {
        self.execution = execution
        self.workflow = workflow
        self.subject = subject ?? execution.subject
        self.fact = fact
        self.at = at
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.contents = contents
        self.original = original
    }
}

/// What a report carries of what people and programs said. All of it is personal, and can be sealed or erased where it is stored.
public struct ReportContents: Equatable, Sendable {
    /// What the execution, the block or the resumption was given.
    public let input: JSONValue?
    /// What it answered, or shows to the person who is waited for.
    public let output: JSONValue?
    /// What went wrong, in the engine's words, which may quote the input.
    public let error: JSONValue?
    /// The members of the report that are not understood, as they came.
    public let rest: JSONValue?

    /// The contents of a report; none by default, and `null` is none.
    public init(
        input: JSONValue? = nil, output: JSONValue? = nil, error: JSONValue? = nil, rest: JSONValue? = nil
    ) {
        self.input = Self.present(input)
        self.output = Self.present(output)
        self.error = Self.present(error)
        self.rest = Self.present(rest)
    }

    private static func present(_ value: JSONValue?) -> JSONValue? {
        guard let value, !value.isNull else { return nil }
        return value.canonicalized
    }

    /// Bytes in canonical form.
    var bytes: Int {
        [input, output, error, rest].reduce(0) { $0 + ($1?.compactBytes().count ?? 0) }
    }
}

/// How an engine said something: its own words, none of them personal, so that nothing is lost by translating.
public struct OriginalWord: Equatable, Sendable {
    /// Which form the report had: `sim.event`, `sim.run`, `neutral` …
    public let source: String
    /// The word: the type of the event, or the status.
    public let word: String
    /// The engine's own number of the report, when it has one.
    public let sequence: Int?
    /// Plain members besides: times and durations as spelled, the engine's names of nodes.
    public let more: JSONObject

    /// An original.
    public init(source: String, word: String, sequence: Int? = nil, more: JSONObject = JSONObject()) {
        self.source = source
        self.word = word
        self.sequence = sequence
        self.more = more.canonicalized
    }
}
