import EventModel

/// The way of a live session through one journey, as far as it is known.
public struct SessionWay: Equatable, Sendable {
    /// The states that it was in, by the journey as it was when they were told.
    public let steps: [JourneyPathIndex.Step]
    /// The path that the engine stores; `nil` when nobody has told.
    public let stored: [String?]?
    /// Whether its engine remembers paths by number, as Parlant does.
    public let isNumbered: Bool
    /// The session, as the engine names it, if somebody told.
    public let session: String?
    /// The execution that it walks for, if it is bound.
    public let execution: String?

    /// A way by its parts.
    public init(
        steps: [JourneyPathIndex.Step], stored: [String?]?, isNumbered: Bool, session: String?, execution: String?
    ) {
        self.steps = steps
        self.stored = stored
        self.isNumbered = isNumbered
        self.session = session
        self.execution = execution
    }
}

extension SessionState {
    /// The way of a live conversation through `journey`: the path that the engine told, else the state in which it stands.
    ///
    /// - Parameter home: the stream that this is the state of.
    /// - Returns: `nil` when the session is over, has never been in the journey, or is a copy of a conversation that has a stream of its own.
    public func way(through journey: String, in home: SessionStream) -> SessionWay? {
        guard closing == nil else { return nil }
        let session: String?
        let execution: String?
        switch home {
        case .conversation(let id): (session, execution) = (id, binding(of: journey)?.execution)
        case .execution(let id):
            guard bindings.isEmpty else { return nil }
            (session, execution) = (description?.session, id)
        }
        let told = toldSteps(through: journey)
        let steps = told?.steps ?? state(in: journey).map { [.state($0)] } ?? []
        guard !steps.isEmpty else { return nil }
        let isNumbered = if case .conversation = home { true } else { false }
        return SessionWay(
            steps: steps, stored: told?.stored, isNumbered: isNumbered, session: session, execution: execution)
    }

    /// The last path that was told and still stands. What its numbers meant counts, not what they mean now; and where the conversation is known
    /// to stand is surer than the last number.
    private func toldSteps(through journey: String) -> (steps: [JourneyPathIndex.Step], stored: [String?])? {
        guard let entry = paths.standing(in: journal).last,
            let path = entry.paths.paths.first(where: { $0.journey == journey }), !path.indexes.isEmpty
        else { return nil }
        let states = meaning(of: path, writtenBy: ElementID(entry.paths.turn), seenAt: entry.seenAt)
        var steps = zip(path.indexes, states).map { index, state -> JourneyPathIndex.Step in
            guard let index else { return .left }
            return state.map(JourneyPathIndex.Step.state) ?? .unknown(index)
        }
        // A journey that was never active is remembered as having been left.
        guard steps != [.left] else { return nil }
        if steps.last != .left, let place = state(in: journey) { steps[steps.count - 1] = .state(place) }
        return (steps, path.indexes)
    }
}
