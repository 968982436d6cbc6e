import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

extension PostgresEventStore: InboundLedger {
    private static let known: PostgresStatement =
        "select key, content from lockstep.inbound_messages where workspace = $1 and key = any($2)"
    private static let rememberAll: PostgresStatement = "select lockstep.remember_inbound($1, $2, $3)"

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
}

extension PostgresArray {
    init(uuids: [UUID?]) {
        self.init(elementType: .uuid)
        for uuid in uuids {
            if let uuid { append(uuid: uuid) } else { appendNull() }
        }
    }

    init(int32s: [Int32]) {
        self.init(elementType: .int4)
        for number in int32s { append(int32: number) }
    }

    init(texts: [String?]) {
        self.init(elementType: .text)
        for text in texts {
            if let text { append(text: text) } else { appendNull() }
        }
    }

    init(int64s: [Int64?]) {
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
}
