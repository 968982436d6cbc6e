/// Every projection of this version of Lockstep.
public enum ProjectionCatalogue {
    /// In the order in which they are listed to people.
    public static let all: [any Projection] = [
        WorkflowsProjection(), JourneysProjection(), MappingsProjection(), ExecutionsProjection(), SessionsProjection(),
        TimelineProjection(),
    ]

    /// The projection called `name`.
    public static func projection(named name: String) -> (any Projection)? { all.first { $0.name == name } }
}
