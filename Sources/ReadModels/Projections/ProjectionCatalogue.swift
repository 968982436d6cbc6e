import EventModel

/// Every projection of this version of Lockstep.
public enum ProjectionCatalogue {
    /// In the order in which they are listed to people, for a log with the usual number of lanes.
    public static let all = projections(lanes: Lane.defaultCount)

    /// The same for a log with `lanes` lanes, at least 1. Only those that count across keys go by it.
    public static func projections(lanes: Int) -> [any Projection] {
        [
            WorkflowsProjection(), JourneysProjection(), MappingsProjection(), ExecutionsProjection(),
            SessionsProjection(), SyncStateProjection(), DivergencesProjection(), EffectsProjection(),
            PoliciesProjection(),
            TimelineProjection(), ActivityByHourProjection(lanes: lanes),
        ]
    }

    /// The projection called `name`.
    public static func projection(named name: String) -> (any Projection)? { all.first { $0.name == name } }
}
