import EventSourcing

extension InMemoryInboundLedger: ConversationCheckpoints {
    func bookmarks(ofServer server: String) async throws(StoreError) -> [String: InboundBookmark] {
        conversations(of: server)
    }

    func advance(
        _ moves: [ConversationMove], of server: String, under lease: Lease
    ) async throws(StoreError) -> ConversationAdvance {
        let trouble = try meetTrouble()
        let answer = move(moves, of: server, under: lease)
        guard answer == .advanced, case .lostAnswer = trouble else { return answer }
        throw .unavailable(reason: "the answer was lost")
    }
}
