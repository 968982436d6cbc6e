/// One row of a read model: a value for each column, in the order of the table's definition.
public struct Row: Sendable, Hashable {
    /// The values.
    public var values: [ColumnValue]

    /// A row of these values.
    public init(_ values: [ColumnValue]) {
        self.values = values
    }
}

/// The values that single out a row of its table.
public struct RowKey: Sendable, Hashable {
    /// The values of the key's columns, in order.
    public let values: [ColumnValue]

    /// A key of these values.
    public init(_ values: [ColumnValue]) {
        self.values = values
    }
}

/// What a batch of events does to a table: each key at most once.
public struct RowChanges: Sendable, Hashable {
    /// The table.
    public let table: TableDefinition
    /// Rows to insert, or to put in the place of the row with the same key. In an append-only table all are new.
    public var upserts: [Row]
    /// Keys of rows to remove, if they are there.
    public var deletions: [RowKey]

    /// Changes to a table; none by default.
    public init(to table: TableDefinition, upserts: [Row] = [], deletions: [RowKey] = []) {
        self.table = table
        self.upserts = upserts
        self.deletions = deletions
    }

    /// Whether nothing changes.
    public var isEmpty: Bool { upserts.isEmpty && deletions.isEmpty }
}
