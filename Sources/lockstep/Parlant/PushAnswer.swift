import EventModel
import JourneyDomain
import ParlantConnector

/// What became of a push: always the same keys.
struct PushAnswer: Sendable {
    let push: PushOutcome

    private var plan: PushPlan { push.plan }

    /// `created`, `updated`, `recreated`, `unchanged`, or why not.
    var outcome: String {
        switch plan.step {
        case .success(.create): "created"
        case .success(.keep): "unchanged"
        case .success(.update): "updated"
        case .success(.recreate): "recreated"
        case .failure(let refusal): refusal.outcome
        }
    }

    var failure: Failure? {
        guard case .failure(let refusal) = plan.step else { return nil }
        return refusal.failure(push.id.text, at: push.server)
    }

    var json: [UInt8] {
        Answers.line { object in
            object.member("journey", push.id.text)
            object.member("server", push.server)
            object.member("outcome", outcome)
            object.member("dry_run", push.isDryRun)
            object.member("revision", push.revision)
            object.member("digest", push.digest.hexadecimal)
            object.member("version", push.version?.text)
            object.member("known_version", push.known?.version)
            object.member("known_revision", push.known?.revision)
            object.member("live_sessions", push.liveSessions)
            object.key("changes")
            guard let changes = plan.changes else { return object.null() }
            object.object { $0.changes(changes) }
        }
    }

    /// For people.
    func print() {
        StandardOutput.shared.write(sentence)
        concerned()
        guard let changes = plan.changes else { return }
        var table = Table([("", .left), ("added", .left), ("removed", .left), ("changed", .left)])
        table.add(["states"] + [changes.states.added, changes.states.removed, changes.states.changed].map(Self.shown))
        let ways = changes.transitions
        table.add(["transitions"] + [ways.added, ways.removed, ways.changed].map(Self.shown))
        table.add(["conditions", "\(changes.conditions.added)", "\(changes.conditions.removed)", ""])
        table.add(["labels", "\(changes.labels.added.count)", "\(changes.labels.removed.count)", ""])
        table.add(["fields", "", "", changes.fields.map(\.rawValue).joined(separator: ", ")])
        table.print()
    }

    private func concerned() {
        guard push.liveSessions > 0 else { return }
        let count = push.liveSessions == 1 ? "1 live session is" : "\(push.liveSessions) live sessions are"
        StandardOutput.shared.write("! \(count) on the way through it, and its structure is another")
        StandardOutput.shared.write(
            "next: lockstep parlant state SESSION shows where one stands, with --set STATE it is set; `lockstep convert` has said which"
        )
    }

    private var sentence: String {
        let journey = "journey \(push.id), revision \(push.revision)"
        if let failure { return "\(failure.error); nothing was done" }
        guard !push.isDryRun else { return "\(journey), would be \(outcome) at \(push.server)" }
        return "\(journey): \(outcome) at \(push.server)" + (push.version.map { ", version \($0)" } ?? "")
    }

    private static let listed = 8

    private static func shown(_ ids: [ElementID]) -> String {
        guard !ids.isEmpty else { return "0" }
        let more = ids.count > listed ? " …" : ""
        return "\(ids.count): " + ids.prefix(listed).map(\.text).joined(separator: " ") + more
    }
}

extension JSONWriter {
    fileprivate mutating func changes(_ changes: JourneyDifference) {
        member("kind", changes.kind.rawValue)
        for (name, elements) in [("states", changes.states), ("transitions", changes.transitions)] {
            key(name)
            object { object in
                for (name, ids) in [
                    ("added", elements.added), ("removed", elements.removed), ("changed", elements.changed),
                ] {
                    object.key(name)
                    object.array { list in for id in ids { list.string(id.text) } }
                }
            }
        }
        member("conditions_added", changes.conditions.added)
        member("conditions_removed", changes.conditions.removed)
        key("fields")
        array { list in for field in changes.fields { list.string(field.rawValue) } }
    }
}
