import EventModel
import FoundationEssentials

/// What the headers say about the log itself.
public struct RecordFormat: Sendable, Hashable {
    /// `ce_source` is this, a slash, and the workspace. A URI reference; with an organization's own address it is unique in the world.
    /// It does not name the incarnation, so that an event keeps its CloudEvents identity (`ce_source`, `ce_id`) when it is published
    /// again after a history was adopted.
    public var source: String
    /// `ce_dataschema` is this and `/events/<category>/<event>.v<N>.json`. An absolute URI.
    public var schemaBase: String

    /// A format; by default `/lockstep/<workspace>` and `urn:lockstep:schemas/events/…`.
    public init(source: String = "/lockstep", schemaBase: String = "urn:lockstep:schemas") {
        self.source = source
        self.schemaBase = schemaBase
    }
}
