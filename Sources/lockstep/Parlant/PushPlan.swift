import EventModel
import JourneyDomain
import ParlantConnector

/// What it takes to bring a journey of ours to a Parlant server, or why it is not done. Pure.
struct PushPlan: Sendable, Equatable {
    enum Step: Sendable, Equatable {
        /// It is not there.
        case create
        /// It is there as it shall be.
        case keep
        /// It becomes what it shall be, at once.
        case update
        /// It is deleted and created, because these fields can only be set at creation.
        case recreate([JourneyField])
    }

    enum Refusal: Error, Sendable, Equatable {
        /// Somebody has changed it there since this revision was pushed.
        case changedThere(since: Int)
        /// There is a journey of this id that was never pushed from here.
        case taken
        /// These fields can only be set at creation.
        case needsRecreation([JourneyField])
    }

    /// What may be done that is not done unasked.
    struct Permissions: Sendable, Equatable {
        /// Changes made there may be lost.
        var overwrites = false
        /// It may be deleted for a moment.
        var recreates = false
    }

    let step: Result<Step, Refusal>
    /// What becomes different; `nil` when it is not there, or nothing does.
    let changes: JourneyDifference?

    /// - Parameters:
    ///   - there: what the server holds.
    ///   - known: the latest push to that server.
    init(
        of journey: JourneyDefinition, over there: StoredJourney?, known: JourneyPush?, _ permissions: Permissions
    ) {
        guard let there else {
            (step, changes) = (.success(.create), nil)
            return
        }
        guard !there.holds(journey) else {
            (step, changes) = (.success(.keep), nil)
            return
        }
        changes = JourneyDifference(from: there.definition, to: journey)
        step = Self.step(journey, there, known, permissions)
    }

    /// Whether it changes what the paths of sessions are made of: states, the ways between them, or their order.
    var concernsSessions: Bool {
        switch step {
        case .success(.keep), .failure: false
        case .success(.create): true
        case .success(.update), .success(.recreate):
            changes.map { changes in
                !changes.states.added.isEmpty || !changes.states.removed.isEmpty || !changes.transitions.isEmpty
                    || changes.fields.contains(.root) || changes.fields.contains(.order)
            } ?? true
        }
    }

    private static func step(
        _ journey: JourneyDefinition, _ there: StoredJourney, _ known: JourneyPush?, _ permissions: Permissions
    ) -> Result<Step, Refusal> {
        if !permissions.overwrites {
            guard let known else { return .failure(.taken) }
            guard known.version == there.version.text else { return .failure(.changedThere(since: known.revision)) }
        }
        let fixed = ParlantConnector.fieldsFixedAtCreation(in: journey, against: there.definition)
        guard !fixed.isEmpty else { return .success(.update) }
        return permissions.recreates ? .success(.recreate(fixed)) : .failure(.needsRecreation(fixed))
    }
}

extension PushPlan.Refusal {
    /// A stable word.
    var outcome: String {
        switch self {
        case .changedThere: "changed_there"
        case .taken: "taken"
        case .needsRecreation: "needs_recreation"
        }
    }

    /// Why, and what to do.
    func failure(_ id: String, at server: String) -> Failure {
        let journey = "journey \"\(Table.printable(id))\""
        return switch self {
        case .changedThere(let revision):
            Failure(
                .no, "\(journey) was changed at \(server) since revision \(revision) was pushed",
                hint: "see with --dry-run what differs; --overwrite replaces what was changed there")
        case .taken:
            Failure(
                .no, "\(server) has another \(journey) that was never pushed from here",
                hint: "see with --dry-run what differs; --overwrite replaces it")
        case .needsRecreation(let fields):
            Failure(
                .no,
                "\(fields.map(\.rawValue).joined(separator: ", ")) of \(journey) can only be set when Parlant creates it",
                hint: "--recreate deletes and creates it; conversations keep their places")
        }
    }
}
