import EventModel

/// Opens the personal data of events that were read.
struct BatchOpening {
    let marks: PersonalMarks
    let keys: SubjectKeyring

    /// The same events with plain personal values, and the keys that opened them. A batch in which nothing is sealed is handed on as it is.
    func open(_ events: EventBatch) async throws(StoreError) -> (events: EventBatch, keys: Set<SubjectKeyID>) {
        var values: [Int: JSONValue] = [:]
        var needed: Set<SubjectKeyID> = []
        for (index, event) in events.enumerated() {
            guard let places = marks[event.type, event.schemaVersion], event.withData(SealedScan.hasAny(in:)) else {
                continue
            }
            let value = try Self.value(of: event)
            needed.formUnion(Self.keys(named: value, places, in: event.workspace))
            values[index] = value
        }
        guard !needed.isEmpty else { return (events, []) }
        let found = try await keys.openingKeys(needed)
        var builder = EventBatchBuilder(
            reservingEvents: events.count, bytes: events.reduce(0) { $0 + $1.byteCount })
        for (index, event) in events.enumerated() {
            if let value = values[index], let places = marks[event.type, event.schemaVersion] {
                let opened = try Self.opened(value, of: event, places, with: found)
                builder.append(event, data: opened.canonicalBytes())
            } else {
                builder.append(event)
            }
        }
        return (builder.finish(), needed.filter { found[$0]?.isLiving == true })
    }

    static func value(of event: RecordedEvent) throws(StoreError) -> JSONValue {
        let reading: Result<JSONValue, JSONFlaw> = event.withData { bytes in
            Result { () throws(JSONFlaw) in try JSONValue(bytes) }
        }
        switch reading {
        case .success(let value): return value
        case .failure(let flaw): throw .corrupt(at: event.position, reason: "the data are not JSON: \(flaw)")
        }
    }

    /// The keys that the values at marked places name.
    static func keys(named value: JSONValue, _ places: MarkedPlaces, in workspace: Workspace) -> Set<SubjectKeyID> {
        var ids: Set<SubjectKeyID> = []
        _ = places.replacing(in: value) { (value, _, _) throws(Never) in
            if let sealed = SealedValue(value), let id = SubjectKeyID(sealed, in: workspace) { ids.insert(id) }
            return value
        }
        return ids
    }

    static func opened(
        _ value: JSONValue, of event: RecordedEvent, _ places: MarkedPlaces,
        with keys: [SubjectKeyID: SubjectKeyring.OpeningKey]
    ) throws(StoreError) -> JSONValue {
        try places.replacing(in: value) { (value, _, path) throws(StoreError) in
            guard let sealed = SealedValue(value) else { return value }
            guard let id = SubjectKeyID(sealed, in: event.workspace), let key = keys[id] else {
                throw .corrupt(at: event.position, reason: "\(path) is sealed with a key that was never made here")
            }
            switch key {
            case .destroyed: return SealedValue.erased(subject: sealed.subject)
            case .key(let key):
                let place = SealedPlace(workspace: event.workspace, event: event.id, path: path)
                do throws(SealFault) { return try key.open(sealed, at: place) } catch {
                    throw .corrupt(at: event.position, reason: "\(path) cannot be opened: \(error)")
                }
            }
        }
    }
}

extension SubjectKeyring.OpeningKey {
    fileprivate var isLiving: Bool {
        switch self {
        case .key: true
        case .destroyed: false
        }
    }
}

extension EventBatchBuilder {
    /// Adds an event that was read elsewhere, with other data.
    fileprivate mutating func append(_ event: RecordedEvent, data: [UInt8]) {
        let fixed = Fixed(
            position: event.position, version: event.version, id: event.id, kind: event.kind,
            schemaVersion: event.schemaVersion, occurredAt: event.occurredAt, recordedAt: event.recordedAt,
            correlationID: event.correlationID, causationID: event.causationID)
        let hasActor = event.actor != nil
        event.withStream { stream in
            event.withActor { actor in
                data.withUnsafeBytes { data in
                    event.withMetadata { metadata in
                        append(fixed, stream: stream, actor: hasActor ? actor : nil, data: data, metadata: metadata)
                    }
                }
            }
        }
    }
}
