import EventModel
import WorkflowDomain

/// Which workflows one import has come across, and where.
///
/// Two files with the same id are two workflows of the same name: the later one would be taken for a revision of the first, and importing both
/// again would revise them again, without end.
public struct TakenWorkflows: Sendable {
    private var places: [WorkflowID: (name: String, digest: ContentDigest)] = [:]

    /// None yet.
    public init() {}

    /// Notes what was read from the source called `name`. The same source may come twice.
    ///
    /// - Throws: ``ImportError/sameID(_:as:)``, also for the same content: that workflows of one name are equal today does not make them one.
    mutating func take(_ reading: WorkflowReading, from name: String) throws(ImportError) {
        guard let first = places[reading.id] else {
            places[reading.id] = (name, reading.digest)
            return
        }
        guard first.name == name, first.digest == reading.digest else { throw .sameID(reading.id, as: first.name) }
    }
}
