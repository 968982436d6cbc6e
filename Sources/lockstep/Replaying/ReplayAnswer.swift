import EventModel
import Replaying

/// What a replay came to: `Schemas/cli/replay.v1.json`.
struct ReplayAnswer: Sendable {
    let place: ReplayPlace
    /// The file, topic or view; `nil` for standard output.
    let name: String?
    let progress: ReplayProgress
    /// Events of these that the target held before.
    var recognised: Int
    let seconds: Double

    /// Events that were written by this run.
    private var written: Int { progress.events - recognised }

    /// One line of JSON.
    var line: [UInt8] {
        Answers.line { writer in
            writer.member("to", place.rawValue)
            writer.member("name", name)
            writer.member("complete", progress.isComplete)
            writer.member("resumed", progress.isResumed)
            writer.member("events", written)
            writer.member("position", progress.position.rawValue)
            writer.member("through", progress.through.rawValue)
            writer.member("last_position", progress.last?.rawValue)
            writer.member("shortened_waits", progress.shortenedWaits)
            writer.member("seconds", seconds: seconds)
        }
    }

    /// The same for people.
    var text: String {
        let rate = seconds > 0 ? ", \(Int(Double(written) / seconds)) events/s" : ""
        let goal = name.map { " to \($0)" } ?? ""
        let resumed = progress.isResumed ? ", behind what was there" : ""
        return "replayed \(Counted.of(written, "event"))\(goal), up to position \(progress.position)\(resumed)\(rate)"
    }

    /// How to go on after an interruption.
    var continuation: Failure {
        let hint =
            place == .stdout
            ? "run the same command with --from \(progress.position.next)" : "run the same command with --resume"
        return Failure(
            .no, "interrupted behind position \(progress.position) of \(progress.through)", hint: hint)
    }

    /// Prints it where it does not get between replayed events.
    func print(asJSON: Bool) {
        let text = asJSON ? String(decoding: line, as: UTF8.self) : text
        if place == .stdout { StandardError.write(text) } else { StandardOutput.shared.write(text) }
    }
}
