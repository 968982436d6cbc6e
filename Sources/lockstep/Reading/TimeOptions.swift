import ArgumentParser
import EventModel
import EventSourcing

/// The options that select events by when they were recorded.
struct TimeOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Only events recorded then or later: 2026-02-03T04:05:06Z.", valueName: "time"))
    var since: String?
    @Option(name: .long, help: ArgumentHelp("Only events recorded then or earlier.", valueName: "time"))
    var until: String?

    /// The part of the log between positions that also lies between the times.
    ///
    /// - Throws: ``Failure`` when a time cannot be one.
    func range(from: Int64, through: Int64?) throws(Failure) -> EventRange {
        EventRange(
            from: GlobalPosition(from), through: through.map(GlobalPosition.init),
            since: try Self.moment(since, "--since"), until: try Self.moment(until, "--until"))
    }

    /// The time that an option names.
    static func moment(_ text: String?, _ name: String) throws(Failure) -> Timestamp? {
        guard let text else { return nil }
        guard let moment = Timestamp(rfc3339: text) else {
            throw Failure(
                .usage, "\(name) is \"\(Table.printable(text, cutAt: 40))\" and must be a time",
                hint: "write it as 2026-02-03T04:05:06Z; recorded_at of an event is one")
        }
        return moment
    }
}
