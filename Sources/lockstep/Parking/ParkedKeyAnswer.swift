import EventModel
import EventSourcing
import ReadModels

/// How a parked key is shown.
struct ParkedKeyAnswer: Sendable {
    let generation: Generation
    let parked: ParkedKey

    /// Events behind the one that failed.
    private var waiting: Int64 { max(0, parked.queued - 1) }

    private var request: String? { parked.request.map { $0.skip == nil ? "retry" : "skip" } }

    /// `executions v2`, and which generation where readers do not see it.
    private var name: String {
        let name = "\(generation.projection) v\(generation.version)"
        return generation.state == .active ? name : "\(name), generation \(generation.number)"
    }

    func line() {
        Answers.object { object in
            object.member("projection", generation.projection)
            object.member("version", generation.version)
            object.member("generation", generation.number)
            object.member("key", parked.key.text)
            object.member("sort", parked.key.sort.rawValue)
            object.member("cause", parked.failure.cause)
            object.member("position", parked.failure.position.rawValue)
            object.member("type", parked.failure.type.rawValue)
            object.member("event_id", parked.failure.eventID)
            object.member("since", parked.parkedAt.description)
            object.member("waiting", waiting)
            object.member("tries", parked.tries)
            object.member("tried_at", parked.triedAt.description)
            object.member("request", request)
            object.member("requested_at", parked.request?.at.description)
            object.member("requested_by", parked.request?.actor)
        }
    }

    static func table(_ answers: [ParkedKeyAnswer]) {
        guard !answers.isEmpty else { return StandardOutput.shared.write("No key is parked.") }
        let style = Style.output
        var table = Table([
            ("PROJECTION", .left), ("KEY", .left), ("POSITION", .right), ("TYPE", .left), ("SINCE", .left),
            ("BEHIND", .right), ("TRIES", .right), ("REQUEST", .left),
        ])
        for answer in answers {
            let parked = answer.parked
            table.add([
                answer.name, parked.key.text, "\(parked.failure.position)",
                parked.failure.type.rawValue, parked.parkedAt.description, "\(answer.waiting)", "\(parked.tries)",
                answer.request ?? "-",
            ])
        }
        table.print()
        for answer in answers {
            StandardOutput.shared.write(
                "\n\(style.bad(Table.printable(answer.parked.key.text))): \(Table.printable(answer.parked.failure.cause))"
            )
        }
        StandardOutput.shared.write(
            "\n\(style.faint("next:")) look at the event with `lockstep read --from POSITION --to POSITION`; install what folds it, then "
                + "`lockstep projections retry NAME --key KEY`; or leave it out: `lockstep projections skip NAME --key KEY --reason …`"
        )
    }
}
