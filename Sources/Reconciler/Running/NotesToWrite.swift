import EventSourcing

/// What looks have come to and is not written down yet, the last word of each execution. A value.
struct NotesToWrite: Sendable {
    /// While so many wait, what comes in is lost: whoever misses it looks again.
    static let limit = 10_000

    private var notes: [ExecutionKey: ComparisonNote] = [:]

    /// How many executions have a note.
    var count: Int { notes.count }

    /// A look has come to something.
    mutating func add(_ note: ComparisonNote) {
        guard notes.count < Self.limit || notes[note.key] != nil else { return }
        notes[note.key] = note
    }

    /// Takes out some of them.
    mutating func take(atMost limit: Int) -> [ComparisonNote] {
        guard notes.count > limit else {
            defer { notes = [:] }
            return Array(notes.values)
        }
        let taken = Array(notes.values.prefix(limit))
        for note in taken { notes[note.key] = nil }
        return taken
    }
}
