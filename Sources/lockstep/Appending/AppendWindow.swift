/// Which lines of a file are being appended, and in what order answers are given. A value without I/O.
///
/// At most `limit` lines are under way. A line waits for the line before it of the same stream, so that a stream gets its events in the
/// order of the file; lines of different streams share commits. Answers come out in the order of the file.
struct AppendWindow<Stream: Hashable & Sendable, Line: Sendable, Answer: Sendable>: Sendable {
    /// A line that may be appended now.
    struct Start: Sendable {
        let number: Int
        let line: Line
    }

    let limit: Int
    private var nextNumber = 1
    private var nextAnswer = 1
    private var answers: [Int: Answer] = [:]
    private var streams: [Int: Stream] = [:]
    /// The lines of a stream behind the one under way.
    private var waiting: [Stream: [Start]] = [:]

    init(limit: Int) {
        self.limit = limit
    }

    /// Lines taken and not yet answered in order.
    var underWay: Int { nextNumber - nextAnswer }
    /// How many more lines may be taken.
    var room: Int { limit - underWay }

    /// Takes the next line of the file.
    ///
    /// - Returns: the line if it may be appended at once.
    mutating func take(_ line: Line, of stream: Stream) -> Start? {
        let start = Start(number: nextNumber, line: line)
        nextNumber += 1
        streams[start.number] = stream
        guard waiting[stream] == nil else {
            waiting[stream]?.append(start)
            return nil
        }
        waiting[stream] = []
        return start
    }

    /// Takes a line that is answered already.
    mutating func takeAnswered(_ answer: Answer) {
        answers[nextNumber] = answer
        nextNumber += 1
    }

    /// The number that the next line gets, from 1.
    var nextLine: Int { nextNumber }

    /// Notes an answer.
    ///
    /// - Returns: the next line of the same stream, which may be appended now.
    mutating func finish(_ number: Int, _ answer: Answer) -> Start? {
        answers[number] = answer
        guard let stream = streams.removeValue(forKey: number), var queue = waiting[stream] else { return nil }
        guard !queue.isEmpty else {
            waiting[stream] = nil
            return nil
        }
        let next = queue.removeFirst()
        waiting[stream] = queue
        return next
    }

    /// The answers that are next in the order of the file.
    mutating func takeAnswers() -> [Answer] {
        var taken: [Answer] = []
        while let answer = answers.removeValue(forKey: nextAnswer) {
            taken.append(answer)
            nextAnswer += 1
        }
        return taken
    }
}
