import EventModel

/// What Parlant's metadata says beside what is ours.
enum ParlantMetadata {
    /// The engine's own notes on a node.
    private static let engine = "journey_node"
    /// What the engine computes and writes there.
    private static let computed: Set<String> = ["reachable_follow_ups", "follow_ups", "index", "journey_id"]
    /// Our own notes.
    private static let ours = "lockstep"

    /// The kind that the engine goes by, and the metadata without what it computed. An unknown kind stays where it is.
    static func withoutEngine(_ metadata: JSONObject) -> (kind: JourneyState.Kind?, spelled: String?, rest: JSONObject)
    {
        guard let notes = metadata[engine]?.object else {
            return (nil, nil, metadata[engine]?.isNull == true ? metadata.removing([engine]) : metadata)
        }
        let spelled = notes["kind"]?.string
        let kind = spelled.flatMap(JourneyState.Kind.init(rawValue:))
        let isSaid = kind != nil || notes["kind"]?.isNull == true
        return (
            kind, spelled, metadata.replacing(engine, by: notes.removing(isSaid ? computed.union(["kind"]) : computed))
        )
    }

    /// The metadata as the engine needs it: with the kind, where it keeps more than that in the same place.
    static func withEngine(_ metadata: JSONObject, kind: JourneyState.Kind?) -> JSONObject {
        guard let kind, var notes = metadata[engine]?.object else { return metadata }
        notes["kind"] = .string(kind.rawValue)
        return metadata.replacing(engine, by: notes)
    }

    /// The metadata with an unknown kind in it.
    static func with(unknownKind kind: String, _ metadata: JSONObject) -> JSONObject {
        var notes = metadata[engine]?.object ?? JSONObject()
        notes["kind"] = .string(kind)
        return metadata.replacing(engine, by: notes)
    }

    /// The kind that stays in the metadata because we do not know it.
    static func unknownKind(_ metadata: JSONObject) -> JSONValue? { metadata[engine]?["kind"] }

    /// Our own id of an element, and the metadata without it.
    static func withoutID(_ metadata: JSONObject) -> (id: String?, rest: JSONObject) {
        guard let notes = metadata[ours]?.object, let id = notes["id"]?.string, !id.isEmpty else {
            return (nil, metadata)
        }
        return (id, metadata.replacing(ours, by: notes.removing(["id"])))
    }

    /// The metadata with our own id of an element. A note of others in the place of ours gives way.
    static func with(id: ElementID, _ metadata: JSONObject) -> JSONObject {
        var notes = metadata[ours]?.object ?? JSONObject()
        notes["id"] = .string(id.text)
        return metadata.replacing(ours, by: notes)
    }

    /// Whether the place of our id is taken by something else.
    static func isOccupied(_ metadata: JSONObject) -> Bool {
        guard let notes = metadata[ours] else { return false }
        return notes.object == nil || notes["id"] != nil
    }
}

extension JSONObject {
    /// This object with `notes` under `key`, or without the key when there are none.
    fileprivate func replacing(_ key: String, by notes: JSONObject) -> JSONObject {
        var object = self
        object[key] = notes.isEmpty ? nil : .object(notes)
        return object
    }
}
