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
    /// What the view makes of it.
    public let role: ColumnRole

    private init(_ name: String, _ type: ColumnType, isNullable: Bool, _ documentation: String, _ role: ColumnRole) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
        self.documentation = documentation
        self.role = role
    }

    /// A column that always has a value.
    public static func required(_ name: String, _ type: ColumnType, _ documentation: String) -> ColumnDefinition {
        ColumnDefinition(name, type, isNullable: false, documentation, .shown)
    }

    /// A column that may be null.
    public static func optional(_ name: String, _ type: ColumnType, _ documentation: String) -> ColumnDefinition {
        ColumnDefinition(name, type, isNullable: true, documentation, .shown)
    }

    /// The lane that keeps the row, a part of the key: two lanes never write one row, so each moves with its own checkpoint.
    public static func lane(_ name: String, _ documentation: String) -> ColumnDefinition {
        ColumnDefinition(name, .int, isNullable: false, documentation, .lane)
    }

    /// What one lane has of something that concerns several: a whole number. It is documented as the view shows it.
    public static func part(
        _ name: String, _ combination: PartCombination, _ documentation: String
    ) -> ColumnDefinition {
        ColumnDefinition(name, .int, isNullable: false, documentation, .part(combination))
    }
}

/// What the view of a table makes of a column.
public enum ColumnRole: Sendable, Hashable {
    /// It shows the column as it is.
    case shown
    /// It does not show it, and makes one row of the rows of all lanes.
    case lane
    /// It shows what the parts of all lanes come to.
    case part(PartCombination)
}

/// How the parts that lanes keep come to a whole.
public enum PartCombination: String, Sendable, Hashable, CaseIterable {
    /// All together.
    case sum
    /// The smallest of them.
    case least
    /// The greatest of them.
    case greatest

    /// What two parts come to.
    public func callAsFunction(_ left: Int64, _ right: Int64) -> Int64 {
        switch self {
        case .sum: left + right
        case .least: min(left, right)
        case .greatest: max(left, right)
        }
    }
}
