import EventSourcing

extension ExecutionSelection {
    /// Executions of one page.
    private static let page = 5_000

    /// Goes through them with what is noted of them, page by page.
    func forEach(in room: ReconcilingRoom, _ body: (NotedExecution) async throws -> Void) async throws {
        var last: ExecutionKey?
        while true {
            try Task.checkCancellation()
            let page = try await room.views.standings(of: self, after: last, limit: Self.page)
            for standing in page { try await body(standing) }
            guard page.count == Self.page else { return }
            last = page.last?.key
        }
    }
}
