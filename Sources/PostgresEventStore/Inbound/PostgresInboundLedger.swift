import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

extension PostgresEventStore: InboundLedger {
    private static let known: PostgresStatement =
        "select key, content from lockstep.inbound_messages where workspace = $1 and key = any($2)"
    private static let rememberAll: PostgresStatement = "select lockstep.remember_inbound($1, $2, $3)"
    private static let bookmarks: PostgresStatement = """
        select partition, generation, next_offset, last_message from lockstep.inbound_bookmarks where cluster = $1 and topic = $2
        """
    private static let clusterBookmarks: PostgresStatement = """
        select partition, generation, next_offset, last_message, topic from lockstep.inbound_bookmarks where cluster = $1
        """
    private static let advanceAll: PostgresStatement = """
        select answer, value from lockstep.advance_inbound($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """

    /// As the protocol says.
    public func fingerprints(
        of keys: [InboundKey], in workspace: Workspace
    ) async throws(StoreError) -> [InboundKey: InboundFingerprint] {
        guard !keys.isEmpty else { return [:] }
        var parameters = PostgresParameters()
        parameters.append(workspace.rawValue)
        parameters.append(PostgresArray(uuids: keys.map(\.id)))
        let rows = try await rows(Self.known, parameters)
        do throws(PostgresError) {
            var contents: [UUID: InboundFingerprint] = [:]
            for row in 0..<rows.rowCount {
                contents[try rows.uuid(row, 0)] = InboundFingerprint(id: try rows.uuid(row, 1))
            }
            var found: [InboundKey: InboundFingerprint] = [:]
            for key in keys { found[key] = contents[key.id] }
            return found
        } catch {
            throw StoreError(error)
        }
    }

    /// As the protocol says.
    public func remember(_ entries: [InboundEntry], in workspace: Workspace) async throws(StoreError) {
        guard !entries.isEmpty else { return }
        var parameters = PostgresParameters()
        parameters.append(workspace.rawValue)
        parameters.append(entries)
        _ = try await rows(Self.rememberAll, parameters)
    }

    /// As the protocol says.
    public func bookmarks(of topic: InboundTopicName) async throws(StoreError) -> [Int32: InboundBookmark] {
        var parameters = PostgresParameters()
        parameters.append(topic.cluster)
        parameters.append(topic.topic)
        let rows = try await rows(Self.bookmarks, parameters)
        do throws(PostgresError) {
            var bookmarks: [Int32: InboundBookmark] = [:]
            for row in 0..<rows.rowCount {
                bookmarks[try rows.int32(row, 0)] = try rows.bookmark(row)
            }
            return bookmarks
        } catch {
            throw StoreError(error)
        }
    }

    /// As the protocol says.
    public func bookmarks(
        ofCluster cluster: String
    ) async throws(StoreError) -> [String: [Int32: InboundBookmark]] {
        var parameters = PostgresParameters()
        parameters.append(cluster)
        let rows = try await rows(Self.clusterBookmarks, parameters)
        do throws(PostgresError) {
            var bookmarks: [String: [Int32: InboundBookmark]] = [:]
            for row in 0..<rows.rowCount {
                bookmarks[try rows.text(row, 4), default: [:]][try rows.int32(row, 0)] = try rows.bookmark(row)
            }
            return bookmarks
        } catch {
            throw StoreError(error)
        }
    }

    /// As the protocol says.
    public func advance(
        _ moves: [InboundMove], of topic: InboundTopicName, remembering entries: [InboundEntry],
        in workspace: Workspace, under lease: Lease
    ) async throws(StoreError) -> InboundAdvance {
        var parameters = PostgresParameters()
        parameters.append(lease.name)
        parameters.append(lease.token)
        parameters.append(topic.cluster)
        parameters.append(topic.topic)
        parameters.append(moves)
        parameters.append(workspace.rawValue)
        parameters.append(entries)
        let row = try await one(Self.advanceAll, parameters)
        do throws(PostgresError) {
            let value = try row.int64(0, 1)
            switch try row.int16(0, 0) {
            case 0: return .advanced
            case 1: return .fenced(current: value)
            default: return .moved(partition: Int32(truncatingIfNeeded: value))
            }
        } catch {
            throw StoreError(error)
        }
    }
}

extension PostgresResult {
    /// The bookmark of a row of partition, generation, next offset and last message.
    fileprivate func bookmark(_ row: Int) throws(PostgresError) -> InboundBookmark {
        InboundBookmark(
            generation: try uuid(row, 1), next: try int64(row, 2),
            last: isNull(row, 3) ? nil : InboundFingerprint(id: try uuid(row, 3)))
    }
}

extension PostgresArray {
    fileprivate init(uuids: [UUID?]) {
        self.init(elementType: .uuid)
        for uuid in uuids {
            if let uuid { append(uuid: uuid) } else { appendNull() }
        }
    }

    fileprivate init(int64s: [Int64?]) {
        self.init(elementType: .int8)
        for number in int64s {
            if let number { append(int64: number) } else { appendNull() }
        }
    }
}

extension PostgresParameters {
    fileprivate mutating func append(_ entries: [InboundEntry]) {
        append(PostgresArray(uuids: entries.map(\.key.id)))
        append(PostgresArray(uuids: entries.map(\.fingerprint.id)))
    }

    fileprivate mutating func append(_ moves: [InboundMove]) {
        var partitions = PostgresArray(elementType: .int4)
        for move in moves { partitions.append(int32: move.partition) }
        append(partitions)
        append(PostgresArray(uuids: moves.map { $0.from?.generation }))
        append(PostgresArray(int64s: moves.map { $0.from?.next }))
        append(PostgresArray(uuids: moves.map(\.to.generation)))
        append(PostgresArray(int64s: moves.map(\.to.next)))
        append(PostgresArray(uuids: moves.map { $0.to.last?.id }))
    }
}
