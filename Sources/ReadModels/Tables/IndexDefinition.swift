/// An index beside a table's key, for the questions that readers ask.
public struct IndexDefinition: Sendable, Hashable {
    /// What it is called behind the table's own name, for instance `by_key`.
    public let suffix: String
    /// Its columns, in order.
    public let columns: [String]
    /// Which rows it holds, as a condition in SQL; all when `nil`.
    public let condition: String?
    /// Which question it answers, for people.
    public let documentation: String

    /// An index on `columns`.
    public init(_ suffix: String, on columns: [String], where condition: String? = nil, _ documentation: String) {
        self.suffix = suffix
        self.columns = columns
        self.condition = condition
        self.documentation = documentation
    }
}
