import EventSourcing

/// What looks have come to and is not written down yet, the last word of each execution. A value.
struct NotesToWrite: Sendable {
    /// While so many wait, no more is taken in.
    static let limit = 10_000

    private var notes: [ExecutionKey: ComparisonNote] = [:]

    /// How many executions have a note.
    var count: Int { notes.count }

    /// A look has come to something.
    ///
    /// - Returns: whether that is kept; where it is not, somebody has to look again.
    mutating func add(_ note: ComparisonNote) -> Bool {
        guard notes.count < Self.limit || notes[note.key] != nil else { return false }
        notes[note.key] = note
        return true
    }

    /// What was taken out could not be written: it waits again, unless a later look has said something else since. It was kept before, so it is kept now,
    /// however much has come in.
    mutating func putBack(_ taken: [ComparisonNote]) {
        for note in taken where notes[note.key] == nil { notes[note.key] = note }
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
