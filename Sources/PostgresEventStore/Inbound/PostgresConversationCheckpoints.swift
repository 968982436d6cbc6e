import EventModel
import EventSourcing
import PostgresDriver

extension PostgresEventStore: ConversationCheckpoints {
    private static let conversationBookmarks: PostgresStatement = """
        select conversation, generation, next_offset, last_mark from lockstep.conversation_bookmarks where server = $1
        """
    private static let advanceConversations: PostgresStatement = """
        select answer, value, conversation from lockstep.advance_conversations($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """

    /// As the protocol says.
    public func bookmarks(ofServer server: String) async throws(StoreError) -> [String: InboundBookmark] {
        var parameters = PostgresParameters()
        parameters.append(server)
        let rows = try await rows(Self.conversationBookmarks, parameters)
        do throws(PostgresError) {
            var bookmarks: [String: InboundBookmark] = [:]
            for row in 0..<rows.rowCount { bookmarks[try rows.text(row, 0)] = try rows.bookmark(row) }
            return bookmarks
        } catch {
            throw StoreError(error)
        }
    }

    /// As the protocol says.
    public func advance(
        _ moves: [ConversationMove], of server: String, under lease: Lease
    ) async throws(StoreError) -> ConversationAdvance {
        var parameters = PostgresParameters()
        parameters.append(lease.name)
        parameters.append(lease.token)
        parameters.append(server)
        parameters.append(PostgresArray(texts: moves.map(\.conversation)))
        parameters.append(PostgresArray(uuids: moves.map { $0.from?.generation }))
        parameters.append(PostgresArray(int64s: moves.map { $0.from?.next }))
        parameters.append(PostgresArray(uuids: moves.map(\.to.generation)))
        parameters.append(PostgresArray(int64s: moves.map(\.to.next)))
        parameters.append(PostgresArray(uuids: moves.map { $0.to.last?.id }))
        let row = try await one(Self.advanceConversations, parameters)
        do throws(PostgresError) {
            switch try row.int16(0, 0) {
            case 0: return .advanced
            case 1: return .fenced(current: try row.int64(0, 1))
            default: return .moved(conversation: try row.text(0, 2))
            }
        } catch {
            throw StoreError(error)
        }
    }
}
