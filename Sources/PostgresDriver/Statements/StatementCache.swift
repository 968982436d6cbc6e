/// The prepared statements of one connection: which exist, under which name, and which to close when there are too
/// many.
struct StatementCache {
    private struct Entry {
        let name: String
        let types: [UInt32]
        var lastUse: UInt64
    }

    private let limit: Int
    private var entries: [PostgresStatement: Entry] = [:]
    private var clock: UInt64 = 0
    private var namesGiven = 0
    /// Names that exist on the server and are no longer wanted.
    private(set) var retired: [String] = []

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    var count: Int { entries.count }

    /// The name under which `statement` is prepared for parameters of these types, now the most recently used one.
    mutating func name(of statement: PostgresStatement, types: [UInt32]) -> String? {
        guard let index = entries.index(forKey: statement), entries.values[index].types == types else { return nil }
        clock += 1
        entries.values[index].lastUse = clock
        return entries.values[index].name
    }

    /// A name that was never used on this connection.
    mutating func freshName() -> String {
        namesGiven += 1
        return "ls\(namesGiven)"
    }

    /// Notes that `statement` has been prepared; retires the one it replaces and the least recently used past the
    /// limit.
    mutating func insert(_ statement: PostgresStatement, types: [UInt32], name: String) {
        forget(statement)
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            forget(oldest.key)
        }
        clock += 1
        entries[statement] = Entry(name: name, types: types, lastUse: clock)
    }

    /// Retires `statement`, so that its next use prepares it anew.
    mutating func forget(_ statement: PostgresStatement) {
        if let old = entries.removeValue(forKey: statement) { retired.append(old.name) }
    }

    /// Hands over the names to close.
    mutating func takeRetired() -> [String] {
        defer { retired.removeAll() }
        return retired
    }
}
