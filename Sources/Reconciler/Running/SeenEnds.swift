import EventModel
import EventSourcing

/// Where the streams of executions ended at the last look. What is known is not looked at again when it is read from the log: above all what the looks
/// themselves have recorded. A value; what is forgotten costs a look.
struct SeenEnds: Sendable {
    private let limit: Int
    /// Executions that were looked at lately, and those before them.
    private var recent: [ExecutionKey: ComparisonNote] = [:]
    private var older: [ExecutionKey: ComparisonNote] = [:]

    /// - Parameter limit: about how many executions are remembered, at most twice as many.
    init(limit: Int) { self.limit = limit }

    /// How many executions are remembered.
    var count: Int { recent.count + older.count }

    /// An execution was looked at, and nothing is left to be done about it but what has an appointment.
    mutating func note(_ note: ComparisonNote) {
        if recent.count >= limit, recent[note.key] == nil { (older, recent) = (recent, [:]) }
        older[note.key] = nil
        recent[note.key] = note
    }

    /// Whether the last look at an execution has seen an event of it.
    func hasSeen(_ event: RecordedEvent, of key: ExecutionKey) -> Bool {
        (recent[key] ?? older[key])?.hasSeen(event.position, of: event.category.rawValue) ?? false
    }
}
