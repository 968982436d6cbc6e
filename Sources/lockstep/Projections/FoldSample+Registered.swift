import EventModel
import ReadModels
import Schemas

extension FoldSample {
    /// The sample of every registered version of every event, as this program carries them.
    static let registered = Schemas.eventSamples.map {
        FoldSample(type: EventType(trusting: $0.type), schemaVersion: $0.version, data: $0.data)
    }
}
