import EventModel

/// A projection whose rows are kept in one generation's table: the fold is the program's, the place is the registry's.
public struct ProjectionGeneration: Projection {
    /// The fold.
    public let projection: any Projection
    /// The generation's number among those of the projection: 1, 2, 3 …
    public let generation: Int
    /// How this generation keeps its checkpoints.
    public let layout: LaneLayout
    /// Where this generation's rows are kept.
    public let table: TableDefinition

    /// A projection, kept in the table called `relation`.
    public init(_ projection: any Projection, generation: Int, relation: String, layout: LaneLayout = .whole) {
        self.projection = projection
        self.generation = generation
        self.layout = layout
        table = projection.table.kept(in: relation)
    }

    /// The projection's name.
    public var name: String { projection.name }
    /// The projection's version.
    public var version: Int { projection.version }
    /// The projection's interest.
    public var interest: EventInterest { projection.interest }

    /// The projection's declared changes.
    public var declaredChanges: [DeclaredChange] { projection.declaredChanges }

    /// As the projection says.
    public func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? { try projection.key(of: event) }

    /// As the projection says.
    public func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        try projection.fold(row, event)
    }
}
