import Foundation

/// What one writer was told to append, and what it was told about it. A value without I/O.
///
/// Lines are answered in the order in which they were sent. What has no answer, whatever became of the process, is sent again with the
/// same ids, from the first such line on.
struct Ledger: Sendable {
    struct Line: Sendable {
        let id: UUID
        let stream: String
        /// The version that the event must get; `nil` where another writer appends to the stream too.
        let version: Int64?
        let text: String
    }

    /// An append of which the program has said that it is in the log.
    struct Acknowledged: Hashable, Sendable {
        let id: UUID
        let stream: String
        let position: Int64
        let version: Int64
    }

    private(set) var unanswered: [Line] = []
    private(set) var acknowledged: [Acknowledged] = []
    /// How many of the acknowledged ones the log had already: their first answer was lost.
    private(set) var repeated = 0
    /// Answers that must not be.
    private(set) var flaws: [String] = []

    mutating func add(_ line: Line) { unanswered.append(line) }

    /// Notes what must not happen.
    mutating func fail(_ flaw: String) { flaws.append(flaw) }

    /// Notes the answer to the first line that has none.
    mutating func answer(_ answer: Answer) {
        guard !unanswered.isEmpty else {
            flaws.append("an answer to nothing: \(answer)")
            return
        }
        let line = unanswered.removeFirst()
        guard case .stored(let position, let version, let isRepeat) = answer else {
            flaws.append("\(line.text.prefix(200)) was answered \(answer)")
            return
        }
        if let expected = line.version, expected != version {
            flaws.append("\(line.stream) was to get version \(expected) and got \(version)")
        }
        repeated += isRepeat ? 1 : 0
        acknowledged.append(Acknowledged(id: line.id, stream: line.stream, position: position, version: version))
    }

    enum Answer: Hashable, Sendable {
        case stored(position: Int64, version: Int64, isRepeat: Bool)
        case other(String)
    }
}
