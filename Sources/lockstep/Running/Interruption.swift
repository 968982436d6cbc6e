import UnixSignals

/// Turns Ctrl-C and SIGTERM into the cancellation of a verb, which then ends by itself. The second one ends the process at once.
enum Interruption {
    /// The status by which shells know a process that Ctrl-C ended.
    private static let impatient: Int32 = 130

    static func cancels<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R {
        let work = Task { try await body() }
        let watcher = Task {
            var count = 0
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                count += 1
                guard count == 1 else { ProcessEnding.leave(impatient) }
                // The verb notices, finishes what it has in hand, and says itself how far it came.
                work.cancel()
            }
        }
        defer { watcher.cancel() }
        return try await work.value
    }
}
