import Conversion
import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import JourneyDomain
import Synchronization
import WorkflowDomain

/// What must be true of converted workflows whenever anybody looks: one mapping is active, its journey is whole, and it never goes back to
/// an older revision than was converted before.
final class ConversionAudit: Watcher {
    /// What the log says of one workflow, folded as it grows.
    private struct Subject {
        var workflow = WorkflowDecider.initialState
        var journey = JourneyDecider.initialState
        var mapping = MappingDecider.initialState
        /// The workflow's contents, one for each change.
        var contents: [ContentDigest] = []
        /// The journey's contents, one for each change.
        var journeys: [ContentDigest] = []
        /// The version of the mapping that was active when somebody looked last.
        var activeVersion: Int?
        /// The place in ``contents`` of what was converted last.
        var converted = -1
        /// How many contents of the workflow and of the journey there were when a run came to its end.
        var completions: [UUID: [Int]] = [:]
        /// Runs that came to their end once more although nothing had changed.
        var repetitions = 0
    }

    private struct State {
        var subjects: [String: Subject] = [:]
        var position = GlobalPosition.start
    }

    private let world: World
    private let state = Mutex(State())

    init(_ world: World) { self.world = world }

    private func report(_ evidence: String) { world.report(Violation(.conversion, evidence)) }

    func committed(in database: SimulatedDatabase) {
        let log = database.withState { $0.log }
        let findings = state.withLock { state in
            let page = log.read(EventQuery(after: state.position, limit: 10_000))
            var touched: Set<String> = []
            for event in page.events {
                let id = event.stream.syncKey
                touched.insert(id)
                do { try Self.take(event, into: &state.subjects[id, default: Subject()]) } catch {
                    return ["\(event.position) cannot be read: \(error)"]
                }
            }
            state.position = log.head
            return touched.sorted().flatMap { id in Self.flaws(of: &state.subjects[id, default: Subject()], id) }
        }
        for finding in findings { report(finding) }
    }

    private static func take(_ event: RecordedEvent, into subject: inout Subject) throws(EventFlaw) {
        switch event.category.rawValue {
        case WorkflowEvent.category:
            subject.workflow = WorkflowDecider.evolve(subject.workflow, try WorkflowEvent(event))
            if case .present(let workflow) = subject.workflow { subject.contents.append(workflow.digest) }
        case JourneyEvent.category:
            subject.journey = JourneyDecider.evolve(subject.journey, try JourneyEvent(event))
            if case .defined(let journey) = subject.journey { subject.journeys.append(journey.content.digest) }
        case MappingEvent.category:
            subject.mapping = MappingDecider.evolve(subject.mapping, try MappingEvent(event))
        case ConversionEvent.category:
            switch try ConversionEvent(event) {
            case .completed(let completed):
                let now = [subject.contents.count, subject.journeys.count]
                if subject.completions.updateValue(now, forKey: completed.run) == now { subject.repetitions += 1 }
            case .started, .stepCompleted, .failed, .pathsMigrated: break
            }
        default: break
        }
    }

    private static func flaws(of subject: inout Subject, _ id: String) -> [String] {
        var flaws: [String] = []
        let usable = subject.mapping.versions.filter { $0.status != .retired }
        if usable.count > 1 { flaws.append("\(usable.count) mappings of \(id) are in use at a time") }
        guard let active = subject.mapping.active.flatMap({ subject.mapping.version($0) })?.mapping else {
            return usable.isEmpty ? flaws : flaws + ["a mapping of \(id) is stored, and none is active"]
        }
        if subject.journeys.last != active.journeyDigest {
            flaws.append("the active mapping of \(id) is of another journey than there is")
        }
        // A workflow that goes back to what it was before is not converted by that alone.
        if subject.activeVersion != subject.mapping.active {
            let revision = subject.contents.lastIndex(of: active.workflowDigest) ?? -1
            if revision < subject.converted {
                flaws.append(
                    "revision \(subject.converted) of \(id) was converted, and now \(revision) is active again")
            }
            subject.converted = max(subject.converted, revision)
            subject.activeVersion = subject.mapping.active
        }
        if subject.repetitions > 0 {
            flaws.append("a content of \(id) was converted again although nothing had changed")
        }
        return flaws
    }

    // MARK: At the end

    /// Whether the mapping of every workflow belongs to its newest revision.
    var isConverted: Bool {
        state.withLock { state in
            ModelWorkflow.ids.allSatisfy { id in
                guard let subject = state.subjects[id], case .present(let workflow) = subject.workflow else {
                    return true
                }
                let active = subject.mapping.active.flatMap { subject.mapping.version($0) }
                return active?.mapping.workflowDigest == workflow.digest
            }
        }
    }

    func conclude(_ database: SimulatedDatabase) {
        let log = database.withState { $0.log }
        for violation in LogAudit.orderViolations(of: log, distinctBy: { _ in nil }) { world.report(violation) }
        var ids: Set<UUID> = []
        for entry in log.entries where !ids.insert(entry.draft.id).inserted {
            report("\(entry.position) is there twice")
        }
        let subjects = state.withLock { $0.subjects }
        for id in ModelWorkflow.ids {
            guard let subject = subjects[id], case .present(let workflow) = subject.workflow else { continue }
            do { try check(subject, workflow.definition, id) } catch { report("\(id) cannot be converted: \(error)") }
        }
    }

    /// The mapping and the journey are what a conversion of the workflow makes, and lead back to it.
    private func check(_ subject: Subject, _ workflow: WorkflowDefinition, _ id: String) throws(ConversionError) {
        let made = try WorkflowToJourney.convert(workflow, id: id)
        if subject.mapping.active.flatMap({ subject.mapping.version($0) })?.mapping != made.mapping {
            report("the active mapping of \(id) is not the one of its newest revision")
        }
        guard case .defined(let journey) = subject.journey, journey.content.digest == made.journey.digest else {
            return report("the journey of \(id) is not the one of its newest revision")
        }
        let back = try JourneyToWorkflow.convert(journey.content.definition, id: made.mapping.journeyID)
        if back.workflow.digest != workflow.digest { report("the journey of \(id) does not lead back to it") }
    }
}
