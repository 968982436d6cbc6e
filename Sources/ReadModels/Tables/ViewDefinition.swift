/// What readers see of a table as `lockstep_views.<name>`.
public struct ViewDefinition: Sendable, Hashable {
    /// How the rows of several lanes become one.
    public enum Aggregate: String, Sendable, Hashable {
        /// They are added.
        case sum
        /// The least counts.
        case min
        /// The greatest counts.
        case max
    }

    /// A column of the view.
    public struct Column: Sendable, Hashable {
        /// Its name, which is also the table's.
        public let name: String
        /// How rows are put together; `nil` for what they are grouped by, and when there is nothing to put together.
        public let aggregate: Aggregate?

        /// A column of the view.
        public init(_ name: String, _ aggregate: Aggregate? = nil) {
            self.name = name
            self.aggregate = aggregate
        }
    }

    /// The columns, in the order in which readers see them. Later versions add behind them.
    public let columns: [Column]

    /// A view of these columns.
    public init(_ columns: [Column]) { self.columns = columns }

    /// Whether rows are put together.
    public var isAggregate: Bool { columns.contains { $0.aggregate != nil } }
}
