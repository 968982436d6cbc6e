import EventModel
import EventSourcing
import EventSourcingTesting

/// A sealed value and where it stands in its event.
struct Sealed {
    let sealed: SealedValue
    let path: JSONPath

    /// The key that it names.
    var id: SubjectKeyID? { SubjectKeyID(sealed, in: .default) }

    /// The sealed values at the marked places of an event as it is stored.
    static func values(of entry: InMemoryLog.Entry) -> [Sealed] {
        guard let places = SealingRoles.marks[entry.draft.type, entry.draft.schemaVersion],
            let data = try? JSONValue(entry.draft.data)
        else { return [] }
        var values: [Sealed] = []
        _ = places.replacing(in: data) { (value, _, path) throws(Never) in
            if let sealed = SealedValue(value) { values.append(Sealed(sealed: sealed, path: path)) }
            return value
        }
        return values
    }

    /// The record of an erasure.
    static func record(in entry: InMemoryLog.Entry) -> SubjectErased? {
        guard
            case .erased(let event)? = try? SubjectEvent(
                decoding: entry.draft.data, type: entry.draft.type, schemaVersion: entry.draft.schemaVersion)
        else { return nil }
        return event
    }
}
