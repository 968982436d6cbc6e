import Conversion
import EventModel
import EventSourcing
import JourneyDomain
import PostgresEventStore
import ReadModels
import Reconciliation
import WorkflowDomain

/// The log as writers see it, and readers who may see personal data.
typealias SealedLog = SealingEventStore<PostgresEventStore>

extension SealingEventStore where Base == PostgresEventStore {
    /// A sealing store over `store`, by the configuration.
    ///
    /// - Parameter right: what readers may see; `nil`: plain values when there is a master key, as those need who decide by what they read.
    init(_ store: PostgresEventStore, _ settings: SealingSettings, reading right: ReadingRight? = nil) throws(Failure) {
        let masterKeys = try settings.masterKeys()
        let keys = SubjectKeyring(store, masterKeys: masterKeys)
        self.init(
            store, marks: PersonalMarks(DomainMarks.all + settings.ownMarks), keys: keys,
            reading: right ?? (masterKeys == nil ? .sealed : .plain), snapshots: Snapshots(store, keys: keys))
    }
}

/// The marks of every event that Lockstep itself writes.
enum DomainMarks {
    static let all: [PersonalMark] = [
        SubjectEvent.personalMarks, WorkflowEvent.personalMarks, ExecutionEvent.personalMarks,
        JourneyEvent.personalMarks,
        SessionEvent<ParlantSessions>.personalMarks, SessionEvent<JourneySessions>.personalMarks,
        MappingEvent.personalMarks, ConversionEvent.personalMarks, ProjectionEvent.personalMarks,
        ReconciliationEvent.personalMarks, PolicyEvent.personalMarks,
    ].flatMap(\.self)
}
