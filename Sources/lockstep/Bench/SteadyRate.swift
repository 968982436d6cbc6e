import EventSourcing

/// Calls `body` for each number at its moment, whether or not the earlier calls have ended.
///
/// - Parameter rate: calls a second.
func steadily(
    _ count: Int, rate: Int, _ body: @escaping @Sendable (_ index: Int) async throws -> Void
) async throws {
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<count {
            let due = start + .seconds(1) * (Double(index) / Double(rate))
            let wait = due - ContinuousClock.now
            if wait > .zero { try await SystemTimekeeper().sleep(for: wait) }
            group.addTask { try await body(index) }
        }
        for try await _ in group {}
    }
}
