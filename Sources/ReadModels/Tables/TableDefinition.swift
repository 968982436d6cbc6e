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
    /// What readers see of it.
    public let view: ViewDefinition
    /// The name of the physical table: `workflows_v1`.
    public let generationName: String
    /// Whether rows are only ever added: a fold then never sees an existing row, so none is loaded.
    public let isAppendOnly: Bool

    /// A table whose first `keyColumns` columns are its key.
    ///
    /// - Parameters:
    ///   - indexes: beside the key.
    ///   - view: what readers see; all columns in their order when `nil`.
    public init(
        name: String, version: Int, documentation: String, keyColumns: Int, isAppendOnly: Bool = false,
        columns: [ColumnDefinition], indexes: [IndexDefinition] = [], view: ViewDefinition? = nil
    ) {
        self.name = name
        self.version = version
        self.documentation = documentation
        self.columns = columns
        self.isAppendOnly = isAppendOnly
        self.indexes = indexes
        self.view = view ?? ViewDefinition(columns.map { ViewDefinition.Column($0.name) })
        generationName = "\(name)_v\(version)"
        keyIndices = Array(columns.indices.prefix(keyColumns))
    }

    private init(_ other: TableDefinition, keptIn generationName: String) {
        (name, version, documentation, columns) = (other.name, other.version, other.documentation, other.columns)
        (keyIndices, isAppendOnly, indexes, view) = (other.keyIndices, other.isAppendOnly, other.indexes, other.view)
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

    /// Whether a row has a value of the right type in each column, and null only where it may be.
    public func admits(_ row: Row) -> Bool {
        row.values.count == columns.count
            && zip(row.values, columns).allSatisfy { value, column in
                value.type.map { $0 == column.type } ?? column.isNullable
            }
    }
}

/// One column of a read model.
public struct ColumnDefinition: Sendable, Hashable {
    /// Its name in SQL.
    public let name: String
    /// What it holds.
    public let type: ColumnType
    /// Whether it may be null.
    public let isNullable: Bool
    /// What it means, with its unit, for people.
    public let documentation: String

    /// A column that always has a value.
    public static func required(_ name: String, _ type: ColumnType, _ documentation: String) -> ColumnDefinition {
        ColumnDefinition(name: name, type: type, isNullable: false, documentation: documentation)
    }

    /// A column that may be null.
    public static func optional(_ name: String, _ type: ColumnType, _ documentation: String) -> ColumnDefinition {
        ColumnDefinition(name: name, type: type, isNullable: true, documentation: documentation)
    }
}
