import EventModel

/// One set of rows of a projection: made by one version of its fold, kept in one table, with a checkpoint of its own.
///
/// Of each projection one generation is active: readers see it. Another one may be built beside it; the one that was active before stays
/// for a while, so that it can be returned to.
public struct Generation: Sendable, Hashable {
    /// What a generation is good for.
    public enum State: String, Sendable, Hashable {
        /// A rebuild fills it.
        case building
        /// It is whole and waits to be compared or activated.
        case ready
        /// Readers see it.
        case active
        /// Readers saw it until another one was activated; it can be returned to.
        case previous
        /// It is given up: its table is gone.
        case retired
    }

    /// The projection, by name.
    public var projection: String
    /// Its number among those of the projection: 1, 2, 3 … It is what `version` is in the key of its checkpoint.
    public var number: Int
    /// The version of the fold that fills it.
    public var version: Int
    /// The physical table, in `lockstep_read`.
    public var relation: String
    /// How it keeps its checkpoints; the same for as long as it is there.
    public var layout: LaneLayout
    /// What it is good for now.
    public var state: State
    /// Until when a previous generation is kept; `nil` for all others.
    public var keptUntil: Timestamp?
    /// Why it should be made anew, where somebody has said so; `nil` when nobody has.
    public var rebuildReason: String?

    /// A generation by its parts.
    public init(
        projection: String, number: Int, version: Int, relation: String, layout: LaneLayout = .whole, state: State,
        keptUntil: Timestamp? = nil, rebuildReason: String? = nil
    ) {
        self.projection = projection
        self.number = number
        self.version = version
        self.relation = relation
        self.layout = layout
        self.state = state
        self.keptUntil = keptUntil
        self.rebuildReason = rebuildReason
    }

    /// For people: `executions generation 3 (version 2)`.
    public var title: String { "\(projection) generation \(number) (version \(version))" }

    /// The projection with its rows in this generation's table.
    public func keeping(_ projection: any Projection) -> ProjectionGeneration {
        ProjectionGeneration(projection, generation: number, relation: relation, layout: layout)
    }

    /// Whether projectors follow the log into it. A generation that is being built is its rebuild's alone.
    public var isFollowed: Bool { state == .active || state == .previous || state == .ready }
}
