import EventModel
import FoundationEssentials

/// Writes the headers of records. Memory is used again from record to record; what repeats per kind of event is made once.
struct RecordEncoder {
    /// The kinds whose texts are kept.
    private static let kindLimit = 10_000

    /// What all events of a kind have in common.
    private struct KindText {
        let kind: EventKind
        let type: [UInt8]
        let source: [UInt8]
        let workspace: [UInt8]
        /// `…/events/<category>/<event>.v`.
        let schemaPrefix: [UInt8]
    }

    private static let specVersion = Array("1.0".utf8)
    private static let contentType = Array("application/json".utf8)

    private let format: RecordFormat
    private let incarnation: [UInt8]
    private var texts: [ObjectIdentifier: KindText] = [:]
    private var lastText: KindText?
    private(set) var headers = HeaderBuffer()

    init(format: RecordFormat, incarnation: UUID) {
        self.format = format
        self.incarnation = UUIDText.bytes(of: incarnation)
    }

    /// Writes the headers of `event` into ``headers``, in the order of ``HeaderName``.
    mutating func encode(_ event: RecordedEvent, previous: GlobalPosition) {
        let text = text(of: event.kind)
        headers.removeAll()
        headers.put(.specVersion, Self.specVersion)
        headers.put(.id, event.id)
        headers.put(.type, text.type)
        headers.put(.source, text.source)
        event.withStream { headers.put(.subject, $0) }
        headers.put(.time, event.occurredAt)
        headers.put(.dataContentType, Self.contentType)
        event.withStream { headers.put(.partitionKey, Lane.syncKey(of: $0)) }
        headers.put(.dataSchema, prefix: text.schemaPrefix, number: Int64(event.schemaVersion))
        headers.put(.position, event.position.rawValue)
        headers.put(.version, event.version.rawValue)
        headers.put(.previous, previous.rawValue)
        headers.put(.schema, Int64(event.schemaVersion))
        headers.put(.incarnation, incarnation)
        headers.put(.workspace, text.workspace)
        headers.put(.recorded, event.recordedAt)
        putOptional(event)
    }

    private mutating func putOptional(_ event: RecordedEvent) {
        event.withMetadata { metadata in
            headers.put(.metadata, metadata)
            if let range = TraceContext.range(in: metadata) {
                headers.put(.traceParent, UnsafeRawBufferPointer(rebasing: metadata[range]))
            }
        }
        event.withActor { if !$0.isEmpty { headers.put(.actor, $0) } }
        if let id = event.correlationID { headers.put(.correlation, id) }
        if let id = event.causationID { headers.put(.causation, id) }
    }

    private mutating func text(of kind: EventKind) -> KindText {
        if let lastText, lastText.kind === kind { return lastText }
        let text = texts[ObjectIdentifier(kind)] ?? makeText(of: kind)
        lastText = text
        return text
    }

    private mutating func makeText(of kind: EventKind) -> KindText {
        if texts.count >= Self.kindLimit { texts.removeAll() }
        let type = kind.type.rawValue
        let event = type.split(separator: ".", maxSplits: 1).last ?? Substring(type)
        let category = type.split(separator: ".", maxSplits: 1).first ?? Substring(type)
        let text = KindText(
            kind: kind, type: Array(type.utf8), source: Array("\(format.source)/\(kind.workspace)".utf8),
            workspace: Array(kind.workspace.rawValue.utf8),
            schemaPrefix: Array("\(format.schemaBase)/events/\(category)/\(event).v".utf8))
        texts[ObjectIdentifier(kind)] = text
        return text
    }
}
