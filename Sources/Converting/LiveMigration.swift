import Conversion
import EventModel
import EventSourcing
import FoundationEssentials
import JourneyDomain
import WorkflowDomain

extension ConversionService {
    /// Works out, for each live session of a journey that a conversion has changed in its structure, where its path leads now, and keeps that in
    /// `conversion-<id>`.
    ///
    /// The conversion is in the log by then. What is kept is known by its run: asking again answers the same, and what was killed is brought to
    /// its end by the next call.
    ///
    /// - Returns: one migration for each live session; none when the structure is what it was, or nobody is in the journey.
    func migrations(after answer: ConversionAnswer, of id: String) async throws(ConversionFault) -> [SessionMigration] {
        guard answer.started.direction == .toJourney else { return [] }
        return try await fault {
            let stream = try ConversionStreams.conversion(id)
            let run = answer.started.run
            let known = try await joint.state(of: stream, by: ConversionDecider.self)[run]
            if let known, known.isMigrated { return known.migrations }
            guard let sides = try await sides(of: answer.completed, workflow: answer.started.sourceID),
                StructuralEdit.lies(between: sides.before.journey, and: sides.after.journey)
            else { return [] }
            let migrations = try await migrations(over: sides, of: answer.completed.resultID)
            return try await keep(migrations, of: run, journey: answer.completed.resultID, in: stream)
        }
    }

    private typealias Sides = (before: PathMigration.Side, after: PathMigration.Side)

    private func migrations(over sides: Sides, of journey: String) async throws -> [SessionMigration] {
        let migration = PathMigration(from: sides.before, to: sides.after)
        let index = JourneyPathIndex(sides.after.journey)
        return try await LiveSessions(store: store, workspace: workspace).sessions(in: journey).map { session in
            SessionMigration(
                of: session.way, in: session.stream.rawValue, version: Int(session.version.rawValue), by: migration,
                to: index)
        }
    }

    /// In as many events as it takes; one append each, so that no limit of an append is met.
    private func keep(
        _ migrations: [SessionMigration], of run: UUID, journey: String, in stream: StreamName
    ) async throws -> [SessionMigration] {
        guard !migrations.isEmpty else { return [] }
        let parts = SessionMigrations.parts(of: migrations)
        var kept: [SessionMigration] = []
        for (index, part) in parts.enumerated() {
            let command = ConversionDecider.Command.migrate(
                SessionMigrations(run: run, journey: journey, sessions: part, isLast: index == parts.count - 1))
            let context = CommandContext(
                id: TimeOrderedID.derived(from: run, name: "migration", index: index, at: time.now()), time: time.now(),
                actor: actor, correlationID: run)
            let handled = try await conversions.handle(StreamCommand(command, to: stream, context))
            kept = handled.state[run]?.migrations ?? []
        }
        return kept
    }

    /// The journey and its mapping before and after the conversion.
    ///
    /// - Returns: `nil` when the result is the journey's first definition, or not its present one any more.
    private func sides(of completed: ConversionCompleted, workflow: String) async throws -> Sides? {
        var state = JourneyDecider.initialState
        var definitions: [(digest: ContentDigest, definition: JourneyDefinition)] = []
        var query: StreamQuery? = StreamQuery(
            workspace: workspace, try ConversionStreams.journey(completed.resultID))
        while let current = query {
            let page = try await store.read(current)
            for event in page.events where event.type.rawValue.hasPrefix("\(JourneyEvent.category).") {
                state = JourneyDecider.evolve(state, try JourneyEvent(event))
                guard case .defined(let standing) = state, standing.content.digest != definitions.last?.digest else {
                    continue
                }
                definitions.append((standing.content.digest, standing.content.definition))
                // The last two are all that is asked for.
                if definitions.count > 2 { definitions.removeFirst() }
            }
            query = current.next(after: page)
        }
        guard definitions.count == 2, definitions[1].digest == completed.resultDigest else { return nil }
        let mappings = try await joint.state(of: try ConversionStreams.mapping(workflow), by: MappingDecider.self)
        guard let after = mappings.version(completed.mappingVersion) else { return nil }
        let before = mappings.version(completed.mappingVersion - 1) ?? after
        return (
            PathMigration.Side(journey: definitions[0].definition, mapping: before.mapping),
            PathMigration.Side(journey: definitions[1].definition, mapping: after.mapping)
        )
    }
}
