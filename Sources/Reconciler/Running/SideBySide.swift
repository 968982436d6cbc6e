extension Collection where Element: Sendable, Self: Sendable, Index == Int {
    /// What becomes of each element, several at a time, in the order of the elements.
    ///
    /// - Parameters:
    ///   - width: how many at a time; at least one.
    ///   - body: what is done with one.
    /// - Throws: what the first of them throws; the others are cancelled.
    public func sideBySide<Answer: Sendable>(
        _ width: Int, _ body: @escaping @Sendable (Element) async throws -> Answer
    ) async throws -> [Answer] {
        try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            var answers = [Answer?](repeating: nil, count: count)
            var next = startIndex
            func begin() {
                guard next < endIndex else { return }
                let (place, element) = (next - startIndex, self[next])
                next += 1
                group.addTask { (place, try await body(element)) }
            }
            for _ in 0..<Swift.max(1, width) { begin() }
            while let (place, answer) = try await group.next() {
                answers[place] = answer
                begin()
            }
            return answers.compactMap(\.self)
        }
    }
}
