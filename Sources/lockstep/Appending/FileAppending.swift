import EventModel
import EventSourcing

/// Appends every line of a file: in order, many at a time, answered in order.
struct FileAppending<Store: EventStore>: Sendable {
    /// Lines under way at a time. They share commits, so more of them is faster, and all of them fit in memory.
    static var window: Int { 256 }

    let append: RetryingAppend<Store>
    let ids: IDSource
    let time: any Timekeeper
    /// Gives an answer; called in the order of the lines.
    let answer: @Sendable (AppendAnswer) throws(BrokenPipe) -> Void

    private typealias Window = AppendWindow<AppendLine.StreamIdentity, AppendLine, AppendAnswer>

    private enum Step: Sendable {
        case lines([LineReader.Line])
        case answered(Int, Result<AppendOutcome, StoreError>)
    }

    /// - Returns: whether every line was appended, now or earlier.
    /// - Throws: the first fault of the log that retrying did not cure; lines behind it may have been appended, and those before it are
    ///   answered.
    func run(_ reader: LineReader) async throws -> Bool {
        try await withThrowingTaskGroup(of: Step.self) { group in
            var window = Window(limit: Self.window)
            var isReading = false
            var isAtEnd = false
            var isAllYes = true
            while true {
                if !isReading, !isAtEnd, window.room > 0, !Task.isCancelled {
                    let room = window.room
                    group.addTask { .lines(try await reader.next(room)) }
                    isReading = true
                }
                guard let step = try await group.next() else { break }
                switch step {
                case .lines(let lines):
                    isReading = false
                    isAtEnd = lines.isEmpty
                    for line in lines { take(line, &window).map { begin($0, in: &group) } }
                case .answered(let number, let result):
                    try window.finish(number, Self.answer(number, result)).map { begin($0, in: &group) }
                }
                for answer in window.takeAnswers() {
                    isAllYes = isAllYes && answer.isYes
                    try self.answer(answer)
                }
            }
            if Task.isCancelled { throw CancellationError() }
            return isAllYes
        }
    }

    private func begin(_ start: Window.Start, in group: inout ThrowingTaskGroup<Step, any Error>) {
        group.addTask {
            // What was begun is finished even when the verb is interrupted: then every answer is known.
            .answered(start.number, await uninterrupted(start.line.request))
        }
    }

    private func uninterrupted(_ request: AppendRequest) async -> Result<AppendOutcome, StoreError> {
        await CancellationShield.run { () -> Result<AppendOutcome, StoreError> in
            do throws(StoreError) { return .success(try await append(request)) } catch { return .failure(error) }
        }
    }

    private func take(_ line: LineReader.Line, _ window: inout Window) -> Window.Start? {
        do throws(LineFlaw) {
            let line = try read(line)
            return window.take(line, of: line.stream)
        } catch {
            window.takeAnswered(.refused(line: window.nextLine, reason: error.description))
            return nil
        }
    }

    private func read(_ line: LineReader.Line) throws(LineFlaw) -> AppendLine {
        guard case .bytes(let bytes) = line else {
            throw LineFlaw("the line is longer than \(LineReader.lineBytes) bytes")
        }
        return try AppendFields(line: bytes[...]).line(at: time.now(), newID: ids.next)
    }

    private static func answer(_ number: Int, _ result: Result<AppendOutcome, StoreError>) throws(StoreError)
        -> AppendAnswer
    {
        switch result {
        case .success(let outcome): return .outcome(outcome)
        case .failure(.refused(let flaw)): return .refused(line: number, reason: flaw.description)
        case .failure(let error): throw error
        }
    }
}
