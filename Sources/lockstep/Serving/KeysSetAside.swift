import EventModel
import KafkaPublishing
import PostgresDriver

/// The keys that a projection has set aside, as its own table says.
struct KeysSetAside: Sendable {
    private static let statement: PostgresStatement = """
        select distinct k.key from lockstep.parked_keys k where k.consumer = $1
        """
    private static let syncPrefix = "sync:"

    private let projection: String
    private let pool: PostgresPool

    init(of projection: String, pool: PostgresPool) {
        self.projection = projection
        self.pool = pool
    }

    func read() async throws -> [StateKey] {
        var parameters = PostgresParameters()
        parameters.append(projection)
        let rows = try await pool.withConnection { [parameters] in try await $0.query(Self.statement, parameters) }
        return try (0..<rows.rowCount).compactMap { Self.key(named: try rows.text($0, 0)) }
    }

    /// `["default","e-17"]`, or the same behind `sync:`.
    static func key(named name: String) -> StateKey? {
        let text = name.hasPrefix(syncPrefix) ? String(name.dropFirst(syncPrefix.count)) : name
        guard let parts = (try? JSONValue(text: text))?.array, parts.count == 2,
            let workspace = parts[0].string.flatMap({ try? Workspace($0) }), let syncKey = parts[1].string
        else { return nil }
        return StateKey(workspace: workspace, syncKey: syncKey)
    }
}
