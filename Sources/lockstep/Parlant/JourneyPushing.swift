import Conversion
import Converting
import EventModel
import EventSourcing
import FoundationEssentials
import JourneyDomain
import ParlantConnector

/// Brings journeys of the log to a Parlant server, and records which version they have there.
///
/// The server changes a journey at once or not at all, if it is at the version that was looked at. A death between that and the record leaves
/// the journey there as it shall be, which the next push finds and records.
struct JourneyPushing<Store: EventStore>: Sendable {
    let connector: ParlantConnector
    /// The server's name.
    let server: String
    let log: Store
    let workspace: Workspace
    let actor: String?

    /// - Parameter name: the id of a journey, or of a workflow that was converted to one.
    func push(_ name: String, _ permissions: PushPlan.Permissions, isDryRun: Bool) async throws -> PushOutcome {
        let (id, standing) = try await journey(name)
        guard !standing.content.isHidden else {
            throw Failure(
                .no, "what people have written into journey \"\(id)\" is sealed or erased",
                hint: "set LOCKSTEP_MASTER_KEY, or import it anew")
        }
        let stream = try Self.stream(JourneyPushEvent.category, id.text)
        let joint = JointHandler(log, workspace: workspace)
        let known = try await joint.state(of: stream, by: JourneyPushDecider.self)[server]
        let there = try await stored(id)
        let definition = standing.content.definition
        let plan = PushPlan(of: definition, over: there, known: known, permissions)
        var version = there?.version
        if !isDryRun, case .success(let step) = plan.step {
            version = try await perform(step, definition, id, over: there)
            try await record(version, of: standing, in: stream)
        }
        let concerned =
            plan.concernsSessions
            ? try await ConversionService(log, workspace: workspace).liveSessions(in: id.text) : 0
        return PushOutcome(
            id: id, server: server, revision: standing.revision, digest: standing.content.digest, known: known,
            plan: plan, version: version, liveSessions: concerned, isDryRun: isDryRun)
    }

    private func perform(
        _ step: PushPlan.Step, _ definition: JourneyDefinition, _ id: JourneyID, over there: StoredJourney?
    ) async throws(ParlantError) -> JourneyVersion? {
        switch step {
        case .keep: return there?.version
        case .create: return try await connector.create(definition, id: id).journey.version
        case .update:
            guard let there else { return nil }
            return try await connector.update(id, to: definition, expecting: .exactly(there.version)).journey.version
        case .recreate:
            try await connector.delete(id)
            return try await connector.create(definition, id: id).journey.version
        }
    }

    private func record(_ version: JourneyVersion?, of standing: JourneyStanding, in stream: StreamName) async throws {
        guard let version else { return }
        let push = JourneyPush(
            server: server, version: version.text, digest: standing.content.digest, revision: standing.revision)
        let handler = CommandHandler<JourneyPushDecider, Store>(log, workspace: workspace)
        let context = CommandContext(id: IDSource().next(), time: SystemTimekeeper().now(), actor: actor)
        _ = try await handler.handle(StreamCommand(.record(push), to: stream, context))
    }

    private func stored(_ id: JourneyID) async throws(ParlantError) -> StoredJourney? {
        do throws(ParlantError) { return try await connector.read(id) } catch .notFound { return nil }
    }
}

/// What became of a push.
struct PushOutcome: Sendable {
    let id: JourneyID
    let server: String
    let revision: Int
    let digest: ContentDigest
    let known: JourneyPush?
    let plan: PushPlan
    /// The version there, now.
    let version: JourneyVersion?
    /// How many live sessions stand in a journey whose structure this changes.
    let liveSessions: Int
    let isDryRun: Bool
}

extension JourneyPushing {
    /// The journey of this id, or the one that the workflow of this id was converted to.
    private func journey(_ name: String) async throws -> (JourneyID, JourneyStanding) {
        for text in [name, try await mapped(name)].compactMap(\.self) {
            guard let id = JourneyID(text) else { continue }
            let state = try await JointHandler(log, workspace: workspace).state(
                of: try Self.stream(JourneyEvent.category, id.text), by: JourneyDecider.self)
            if case .defined(let standing) = state { return (id, standing) }
        }
        throw Failure(
            .no, "the log holds no journey \"\(Table.printable(name))\", nor one that a workflow of this id became",
            hint: "import it with `lockstep import journey`, or convert the workflow with `lockstep convert workflow`")
    }

    private func mapped(_ workflow: String) async throws -> String? {
        let state = try await JointHandler(log, workspace: workspace).state(
            of: try Self.stream(MappingEvent.category, workflow), by: MappingDecider.self)
        guard let active = state.active, state.versions.indices.contains(active - 1) else { return nil }
        return state.versions[active - 1].mapping.journeyID
    }

    private static func stream(_ category: String, _ key: String) throws(Failure) -> StreamName {
        do throws(NameFlaw) { return try StreamName(category: Category(category), key: key) } catch {
            throw Failure(.usage, describing: error.description, otherwise: "check the id")
        }
    }
}
