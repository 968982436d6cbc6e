/// The shape of a read model's table, from which every store derives how to keep it.
public struct TableDefinition: Sendable, Hashable {
    /// The name that readers use, for instance `workflows`.
    public let name: String
    /// The generation: another fold or another shape is another generation, kept beside the old one.
    public let version: Int
    /// What one row says, for people.
    public let documentation: String
    /// The columns, in the order of ``Row/values``.
    public let columns: [ColumnDefinition]
    /// Places of the key's columns in ``columns``.
    public let keyIndices: [Int]
    /// Indexes beside the key.
    public let indexes: [IndexDefinition]
    /// The name of the physical table: `workflows_v1`.
    public let generationName: String
    /// Whether rows are only ever added: a fold then never sees an existing row, so none is loaded.
    public let isAppendOnly: Bool

    /// A table whose first `keyColumns` columns are its key.
    ///
    /// - Parameter indexes: beside the key.
    public init(
        name: String, version: Int, documentation: String, keyColumns: Int, isAppendOnly: Bool = false,
        columns: [ColumnDefinition], indexes: [IndexDefinition] = []
    ) {
        self.name = name
        self.version = version
        self.documentation = documentation
        self.columns = columns
        self.isAppendOnly = isAppendOnly
        self.indexes = indexes
        generationName = "\(name)_v\(version)"
        keyIndices = Array(columns.indices.prefix(keyColumns))
    }

    private init(_ other: TableDefinition, keptIn generationName: String) {
        (name, version, documentation, columns) = (other.name, other.version, other.documentation, other.columns)
        (keyIndices, isAppendOnly, indexes) = (other.keyIndices, other.isAppendOnly, other.indexes)
        self.generationName = generationName
    }

    /// The same table under another physical name.
    public func kept(in generationName: String) -> TableDefinition {
        TableDefinition(self, keptIn: generationName)
    }

    /// The columns of the key, in order.
    public var keyColumns: [ColumnDefinition] { keyIndices.map { columns[$0] } }

    /// The key of a row of this table.
    public func key(of row: Row) -> RowKey { RowKey(keyIndices.map { row.values[$0] }) }

    /// Whether a row of this table has a key.
    public func has(_ key: RowKey, in row: Row) -> Bool {
        key.values.count == keyIndices.count
            && zip(keyIndices, key.values).allSatisfy { row.values[$0] == $1 }
    }

    /// Whether a row has a value of the right type in each column, and null only where it may be.
    public func admits(_ row: Row) -> Bool {
        guard row.values.count == columns.count else { return false }
        for place in columns.indices {
            let isFit = row.values[place].type.map { $0 == columns[place].type } ?? columns[place].isNullable
            guard isFit else { return false }
        }
        return true
    }
}
