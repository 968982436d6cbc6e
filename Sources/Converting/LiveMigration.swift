import Conversion
import EventModel
import EventSourcing
import FoundationEssentials
import JourneyDomain
import WorkflowDomain

extension ConversionService {
    /// Works out, for each live session of a journey whose structure has been changed, by a conversion or on its own side before one, where its
    /// path leads now, and keeps that in `conversion-<id>`.
    ///
    /// The conversion is in the log by then. What is kept is known by its run: asking again answers the same, and what was killed is brought to
    /// its end by the next call.
    ///
    /// - Returns: one migration for each live session; none when the structure is what it was, or nobody is in the journey.
    func migrations(after answer: ConversionAnswer, of id: String) async throws(ConversionFault) -> [SessionMigration] {
        try await fault {
            let stream = try ConversionStreams.conversion(id)
            let run = answer.started.run
            let known = try await joint.state(of: stream, by: ConversionDecider.self)[run]
            if let known, known.isMigrated { return known.migrations }
            guard let sides = try await sides(of: answer),
                StructuralEdit.lies(between: sides.before.journey, and: sides.after.journey)
            else { return [] }
            let migrations = try await migrations(over: sides, of: answer.journeyID)
            return try await keep(migrations, of: run, journey: answer.journeyID, in: stream)
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

    /// The journey and its mapping before and after the edit.
    ///
    /// A conversion to the journey makes the edit: before it, the journey was what it was last. A conversion from the journey brings an edit that was
    /// made there, perhaps by several revisions: before it, the journey was what both sides had agreed on.
    ///
    /// - Returns: `nil` when there is nothing before, or the journey is not what was converted any more.
    private func sides(of answer: ConversionAnswer) async throws -> Sides? {
        let mappings = try await joint.state(
            of: try ConversionStreams.mapping(answer.workflowID), by: MappingDecider.self)
        let version = answer.completed.mappingVersion
        guard let after = mappings.version(version)?.mapping else { return nil }
        let agreed = mappings.version(version - 1)?.mapping
        let past = try await past(of: answer.journeyID, agreed: agreed?.journeyDigest)
        let found = answer.started.direction == .toJourney ? past.previous : past.agreed
        // What was erased and brought back is no edit.
        guard let before = found, let present = past.present, present.digest == answer.journeyDigest,
            before.digest != present.digest
        else { return nil }
        return (
            PathMigration.Side(journey: before.definition, mapping: agreed ?? after),
            PathMigration.Side(journey: present.definition, mapping: after)
        )
    }

    /// What the journey is, was before that, and was when both sides last agreed on it.
    private struct Past {
        var present: JourneyContent?
        var previous: JourneyContent?
        var agreed: JourneyContent?
    }

    private func past(of journey: String, agreed: ContentDigest?) async throws -> Past {
        var state = JourneyDecider.initialState
        var past = Past()
        var revision = 0
        var query: StreamQuery? = StreamQuery(workspace: workspace, try ConversionStreams.journey(journey))
        while let current = query {
            let page = try await store.read(current)
            for event in page.events where event.type.rawValue.hasPrefix("\(JourneyEvent.category).") {
                state = JourneyDecider.evolve(state, try JourneyEvent(event))
                guard case .defined(let standing) = state, standing.revision != revision else { continue }
                revision = standing.revision
                (past.previous, past.present) = (past.present, standing.content)
                if standing.content.digest == agreed { past.agreed = standing.content }
            }
            query = current.next(after: page)
        }
        return past
    }
}

extension ConversionAnswer {
    fileprivate var journeyID: String { started.direction == .toJourney ? completed.resultID : started.sourceID }
    fileprivate var workflowID: String { started.direction == .toJourney ? started.sourceID : completed.resultID }

    /// Of the journey that the conversion has made, or was made from.
    fileprivate var journeyDigest: ContentDigest {
        started.direction == .toJourney ? completed.resultDigest : started.sourceDigest
    }
}
