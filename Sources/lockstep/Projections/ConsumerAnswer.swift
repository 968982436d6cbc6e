import EventModel
import Operations

/// How the status of consumers is shown.
enum ConsumerAnswer {
    static func lines(_ judged: [(ConsumerStatus, Health)]) {
        for (status, health) in judged {
            Answers.object { object in
                object.member("consumer", status.consumer)
                object.member("kind", status.kind)
                object.member("version", status.version)
                object.member("lane", status.lane)
                object.member("lanes", status.lanes)
                object.member("slowest_lane", status.slowestLane)
                object.member("state", status.state)
                object.member("health", health.rawValue)
                object.member("position", status.position)
                object.member("head", status.head)
                object.member("lag_events", status.lagEvents)
                object.member("lag_seconds", seconds: status.lagSeconds)
                object.member("parked_keys", status.parkedKeys)
                object.member("events_handled", status.eventsHandled)
                object.member("updated_at", status.updatedAt?.description)
                object.member("last_error", status.lastError)
            }
        }
    }

    static func table(_ judged: [(ConsumerStatus, Health)]) {
        let style = Style.output
        var table = Table([
            ("HEALTH", .left), ("CONSUMER", .left), ("KIND", .left), ("STATE", .left), ("POSITION", .right),
            ("HEAD", .right),
            ("LAG", .right), ("SECONDS", .right), ("HANDLED", .right), ("PARKED", .right),
        ])
        for (status, health) in judged {
            let lane =
                status.lane >= 0
                ? "/\(status.lane)"
                : status.lanes == 0
                    ? ""
                    : " (\(status.lanes) lanes\(status.lagEvents == 0 ? "" : ", slowest \(status.slowestLane ?? 0)"))"
            let texts = [
                "\(status.consumer) v\(status.version)\(lane)", status.kind, status.state, "\(status.position)",
                "\(status.head)",
                "\(status.lagEvents)", tenths(status.lagSeconds), "\(status.eventsHandled)",
                status.parkedKeys == 0 ? "-" : "\(status.parkedKeys)",
            ]
            let first = Table.Cell(
                text: status.isDegraded ? "\(health.rawValue), degraded" : health.rawValue,
                paint: status.isDegraded && health.isYes ? style.warning : paint(health, style))
            table.add([first] + texts.map { .init(text: $0) })
        }
        table.print()
        for (status, _) in judged {
            guard let error = status.lastError else { continue }
            StandardOutput.shared.write("\n\(style.bad(status.consumer)): \(Table.printable(error))")
        }
        for (status, _) in judged where status.isOnAnotherHistory {
            StandardOutput.shared.write(
                "\n\(style.bad(status.consumer)) has seen events that this log does not hold: run `lockstep doctor`")
        }
        for topic in Set(judged.filter { $0.0.state == "unwatched" }.map(\.0.consumer)).sorted() {
            StandardOutput.shared.write(
                "\nNobody takes in what is written to \(topic): `lockstep serve --roles ingest`")
        }
        let refused = judged.filter { $0.0.kind == "ingest" }.reduce(0) { $0 + $1.0.parkedKeys }
        if refused > 0 {
            StandardOutput.shared.write("\n\(refused) refused messages wait: `lockstep ingest rejections`")
        }
        for (status, _) in judged where status.isDegraded {
            StandardOutput.shared.write(
                "\n\(style.warning(status.consumer)): \(Counted.of(status.parkedKeys, "key")) parked, everything else flows: "
                    + "`lockstep projections parked \(status.consumer)`")
        }
        if judged.contains(where: { $0.0.state == "absent" && !$0.1.isYes }) {
            StandardOutput.shared.write(
                "\nA projection that is absent has never run: `lockstep serve --roles projector`")
        }
    }

    private static func tenths(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func paint(_ health: Health, _ style: Style) -> @Sendable (String) -> String {
        switch health {
        case .ok: { style.good($0) }
        case .behind: { style.warning($0) }
        case .stalled, .stopped: { style.bad($0) }
        }
    }
}
