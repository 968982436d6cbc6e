import Conversion
import EventModel
import EventSourcingTesting
import FoundationEssentials
import JourneyDomain
import ReadModels
import Testing
import WorkflowDomain

@testable import lockstep

@Suite struct `Every shape that was ever stored` {
    @Test func `is among the samples, and each older version has an upcaster, and no other has`() {
        #expect(StoredShapes.all.count > 90 && StoredShapes.old.count >= 5)
        let lifted = StoredShapes.domains.flatMap { $0.upcasters.lifted.map { "\($0.type)@\($0.version)" } }
        #expect(Set(lifted) == Set(StoredShapes.old.map { "\($0.type)@\($0.schemaVersion)" }))
        #expect(lifted.count == Set(lifted).count)
    }

    @Test(arguments: StoredShapes.all.indices) func `is decoded by one domain, as the newest version of its type`(
        _ index: Int
    )
        throws
    {
        let sample = StoredShapes.all[index]
        let event = StoredShapes.event(sample)
        let decoded = StoredShapes.domains.compactMap { try? $0.decode(event) }
        #expect(decoded.count == 1, "\(sample.type) \(sample.schemaVersion)")
        let newest = StoredShapes.newest.first { $0.type == sample.type }?.schemaVersion
        #expect(decoded.first?.type == sample.type && decoded.first?.version == newest)
    }

    @Test(arguments: StoredShapes.newest.indices) func `of a later program is a flaw that names it, to every domain`(
        _ index: Int
    ) {
        let sample = StoredShapes.newest[index]
        let later = sample.schemaVersion + 1
        let event = StoredShapes.event(sample.type, later, sample.data)
        for domain in StoredShapes.domains {
            #expect(throws: EventFlaw.unknown(type: sample.type, schemaVersion: later)) { try domain.decode(event) }
        }
    }

    @Test func `makes the same rows as its newest shape, alone and behind others`() throws {
        for projection in ProjectionCatalogue.all {
            for sample in StoredShapes.old where Self.isWanted(sample, by: projection) {
                let old = StoredShapes.event(sample, at: 2)
                let new = try StoredShapes.lifted(old)
                #expect(new.schemaVersion > old.schemaVersion)
                for first in [nil] + StoredShapes.newest.filter({ $0.type.rawValue.hasPrefix("\(old.category).") }) {
                    let before = try first.flatMap { try Self.row(nil, StoredShapes.event($0), projection) }
                    let given = projection.table.isAppendOnly ? nil : before
                    #expect(
                        try Self.row(given, old, projection) == Self.row(given, new, projection),
                        "\(projection.name): \(sample.type) \(sample.schemaVersion)")
                }
            }
        }
    }

    @Test(arguments: ProjectionCatalogue.all.map(\.name))
    func `of a later program is a fault that names it to a fold that reads it, never a row left out`(_ name: String)
        throws
    {
        let projection = try #require(ProjectionCatalogue.projection(named: name))
        // These tell of every event, of any version, by what stands beside the data.
        let readsNoVersion = ["timeline", "activity_by_hour"].contains(name)
        for sample in StoredShapes.newest
        where Self.isWanted(sample, by: projection) && sample.type != SubjectEvent.erasedType {
            let later = sample.schemaVersion + 1
            let event = StoredShapes.event(sample.type, later, sample.data)
            if readsNoVersion {
                #expect(try Self.row(nil, event, projection) != nil, "\(sample.type)")
                continue
            }
            let fault = #expect(throws: ProjectionFault.self, "\(sample.type)") { try Self.row(nil, event, projection) }
            #expect(fault?.reason == .unknownSchema(version: later, newest: sample.schemaVersion), "\(sample.type)")
        }
    }

    @Test func `leads a decider to the state that its newest shape leads to`() throws {
        try Self.agree(WorkflowDecider.self)
        try Self.agree(JourneyDecider.self)
    }

    @Test(arguments: StoredShapes.all.indices) func `is handed on as it was stored`(_ index: Int) throws {
        let sample = StoredShapes.all[index]
        let line = try JSONValue(EventJSON.line(StoredShapes.event(sample)), limits: .file)
        #expect(line["data"]?.compactBytes() == (try JSONValue(sample.data)).compactBytes())
        #expect(line["schema_version"]?.int == Int(sample.schemaVersion))
    }

    private static func isWanted(_ sample: FoldSample, by projection: any Projection) -> Bool {
        projection.interest.includes(StoredShapes.event(sample))
    }

    private static func row(
        _ row: Row?, _ event: RecordedEvent, _ projection: any Projection
    ) throws(ProjectionFault) -> Row? {
        guard projection.interest.includes(event), try projection.key(of: event) != nil else { return row }
        return try projection.fold(row, event)
    }

    /// The states after each old shape, behind each newest one, and after the same lifted, are the same.
    private static func agree<D: Decider>(_ decider: D.Type) throws where D.Event: DomainEvent, D.State: Equatable {
        let old = StoredShapes.old.filter { $0.type.rawValue.hasPrefix("\(D.Event.category).") }
        #expect(!old.isEmpty)
        for sample in old {
            let event = StoredShapes.event(sample)
            let (stored, lifted) = (try D.Event(event), try D.Event(try StoredShapes.lifted(event)))
            #expect(stored == lifted, "\(sample.type)")
            for first in StoredShapes.newest where first.type.rawValue.hasPrefix("\(D.Event.category).") {
                let state = D.evolve(D.initialState, try D.Event(StoredShapes.event(first)))
                #expect(D.evolve(state, stored) == D.evolve(state, lifted))
            }
        }
    }
}
