import EventModel
import EventSourcing
import JourneyDomain
import ParlantConnector

/// How a journey at a Parlant server stands to ours.
struct JourneyStandingThere: Sendable, Equatable {
    enum State: String, Sendable {
        /// The latest revision is there, and nobody has changed it.
        case inStep = "in_step"
        /// There is a newer revision here.
        case behind
        /// It was changed there since it was pushed.
        case changedThere = "changed_there"
        /// It was pushed and is not there any more.
        case missing
        /// It was never pushed from here.
        case onlyThere = "only_there"
    }

    let id: String
    let state: State
    /// The revision here; `nil` when there is none.
    let revision: Int?
    let pushed: JourneyPush?
    let version: JourneyVersion?

    init(id: String, revision: Int?, digest: ContentDigest?, pushed: JourneyPush?, version: JourneyVersion?) {
        self.id = id
        self.revision = revision
        self.pushed = pushed
        self.version = version
        state =
            switch (pushed, version) {
            case (nil, _): .onlyThere
            case (.some, nil): .missing
            case (let pushed?, let version?) where pushed.version != version.text: .changedThere
            case (let pushed?, .some): digest == pushed.digest ? .inStep : .behind
            }
    }
}

extension JourneyStandingThere {
    /// All journeys that are there or were pushed there, by id.
    static func all(
        _ there: [String: JourneyVersion], at server: String, in log: some EventStore, _ workspace: Workspace
    ) async throws -> [JourneyStandingThere] {
        let pushes = try await pushes(to: server, in: log, workspace)
        let joint = JointHandler(log, workspace: workspace)
        var journeys: [JourneyStandingThere] = []
        for id in Set(there.keys).union(pushes.keys).sorted() {
            var ours: JourneyStanding?
            if let stream = try? StreamName(category: Category(JourneyEvent.category), key: id),
                case .defined(let standing) = try await joint.state(of: stream, by: JourneyDecider.self)
            {
                ours = standing
            }
            journeys.append(
                JourneyStandingThere(
                    id: id, revision: ours?.revision, digest: ours?.content.digest, pushed: pushes[id],
                    version: there[id]))
        }
        return journeys
    }

    private static func pushes(
        to server: String, in log: some EventStore, _ workspace: Workspace
    ) async throws -> [String: JourneyPush] {
        var pushes: [String: JourneyPush] = [:]
        var position = GlobalPosition.start
        while true {
            let page = try await log.read(
                EventQuery(
                    .kinds(
                        workspace: workspace, categories: [Category(JourneyPushEvent.category)],
                        types: [EventType(trusting: "parlant_journey.pushed")]), after: position))
            for event in page.events {
                guard case .pushed(let push) = try JourneyPushEvent(event), push.server == server else { continue }
                pushes[event.stream.syncKey] = push
            }
            if page.isEnd { return pushes }
            position = page.cursor
        }
    }
}

/// The answer of `parlant status`: always the same keys.
struct StatusAnswer: Sendable {
    let server: String
    let standing: ParlantStanding
    let journeys: [JourneyStandingThere]

    var json: [UInt8] {
        Answers.line { object in
            object.member("server", server)
            object.member("parlant", standing.module.parlant)
            object.member("module_version", standing.module.version)
            object.member("instance", standing.module.instance)
            object.member("keeps_journeys", standing.module.keepsJourneys)
            object.member("followed_by", standing.leader)
            object.key("conversations")
            object.object { conversations in
                conversations.member("there", standing.conversations?.there)
                conversations.member("followed", standing.conversations?.followed)
                conversations.member("waiting", standing.conversations?.waiting)
            }
            object.key("journeys")
            object.array { list in
                for journey in journeys { list.object { $0.journey(journey) } }
            }
        }
    }

    /// For people.
    func print() {
        let output = StandardOutput.shared
        let module = standing.module
        output.write(
            "\(server): Parlant \(module.parlant), module \(module.version), "
                + (module.keepsJourneys ? "keeps its journeys" : "forgets its journeys when it is started again"))
        if let progress = standing.conversations {
            output.write("conversations: \(progress), \(standing.leader.map { "followed by \($0)" } ?? "not followed")")
        }
        guard !journeys.isEmpty else { return output.write("journeys: none") }
        var table = Table([
            ("JOURNEY", .left), ("STATE", .left), ("HERE", .right), ("PUSHED", .right), ("VERSION THERE", .left),
        ])
        for journey in journeys {
            table.add([
                journey.id, journey.state.rawValue.replacing("_", with: " "), journey.revision.map { "\($0)" } ?? "-",
                journey.pushed.map { "\($0.revision)" } ?? "-", journey.version?.text ?? "-",
            ])
        }
        table.print()
    }
}

extension JSONWriter {
    fileprivate mutating func journey(_ journey: JourneyStandingThere) {
        member("id", journey.id)
        member("state", journey.state.rawValue)
        member("revision", journey.revision)
        member("pushed_revision", journey.pushed?.revision)
        member("pushed_version", journey.pushed?.version)
        member("version", journey.version?.text)
    }
}
