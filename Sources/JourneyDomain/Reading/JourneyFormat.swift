/// The forms that journeys come in.
public enum JourneyFormat: String, Sendable, CaseIterable, Equatable {
    /// `{title, …, root_id, nodes: {id: node}, edges: […]}`: our canonical form. A file has the journey's `id` beside it and, where it was taken
    /// from the log, `base_digest`: the digest of what was there. Neither is part of the journey.
    case canonical = "lockstep-journey"
    /// `{journey: {…, root_id}, nodes: […], edges: […]}`: a journey of Parlant with its graph.
    case graph = "parlant-graph"
    /// `{title, description, conditions, …}`: what Parlant's `/journeys` takes and answers. It has no graph, so the journey read from it
    /// has a root and nothing else.
    case journey = "parlant-journey"
}
