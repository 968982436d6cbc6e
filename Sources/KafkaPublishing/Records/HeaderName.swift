/// The headers of a record, in the order in which they are written.
public enum HeaderName: CaseIterable, Sendable {
    /// CloudEvents: always `1.0`.
    case specVersion
    /// CloudEvents: the event's id.
    case id
    /// CloudEvents: the event's type.
    case type
    /// CloudEvents: a URI reference of the log's workspace; with `ce_id` unique in the world.
    case source
    /// CloudEvents: the stream.
    case subject
    /// CloudEvents: when it happened, RFC 3339 in UTC with six decimals.
    case time
    /// CloudEvents: always `application/json`.
    case dataContentType
    /// CloudEvents partitioning extension: the sync key, equal to the record's key.
    case partitionKey
    /// CloudEvents: the URI of the JSON Schema of the payload.
    case dataSchema
    /// Place in the one order, from 1.
    case position
    /// Place in the stream, from 1.
    case version
    /// Position of the record before it in this partition, 0 for none.
    case previous
    /// Version of the payload's schema, from 1.
    case schema
    /// The history that the event belongs to.
    case incarnation
    /// The tenant.
    case workspace
    /// When it was appended, RFC 3339 in UTC with six decimals.
    case recorded
    /// The metadata, byte for byte.
    case metadata
    /// Who did it; absent when nobody is named.
    case actor
    /// The conversation; absent when there is none.
    case correlation
    /// The direct cause; absent when there is none.
    case causation
    /// W3C trace context, when the metadata has one.
    case traceParent

    /// The name on the wire.
    public var name: StaticString {
        switch self {
        case .specVersion: "ce_specversion"
        case .id: "ce_id"
        case .type: "ce_type"
        case .source: "ce_source"
        case .subject: "ce_subject"
        case .time: "ce_time"
        case .dataContentType: "ce_datacontenttype"
        case .partitionKey: "ce_partitionkey"
        case .dataSchema: "ce_dataschema"
        case .position: "ls_position"
        case .version: "ls_version"
        case .previous: "ls_previous"
        case .schema: "ls_schema"
        case .incarnation: "ls_incarnation"
        case .workspace: "ls_workspace"
        case .recorded: "ls_recorded"
        case .metadata: "ls_metadata"
        case .actor: "ls_actor"
        case .correlation: "ls_correlation"
        case .causation: "ls_causation"
        case .traceParent: "traceparent"
        }
    }
}
