import ArgumentParser
import EventModel
import Projector

/// The options that name a part of the log.
struct RebuildPartOptions: ParsableArguments {
    @Option(name: .long, help: "Only the rows of this stream, <category>-<key>.")
    var stream: String?
    @Option(
        name: .long,
        help: "Only the rows of this tenant; with --stream, the tenant of the stream. Default there: default.")
    var workspace: String?
    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Only the rows of events from here on.", valueName: "position"))
    var from: Int64?
    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Only the rows of events up to here.", valueName: "position"))
    var to: Int64?

    func validate() throws {
        guard (from == nil) == (to == nil) else { throw ValidationError("--from and --to name a range together.") }
        guard let from, let to else { return }
        guard stream == nil, workspace == nil else {
            throw ValidationError("A range is named without --stream and --workspace.")
        }
        guard from >= 1, to >= from else {
            throw ValidationError(
                "--from is \(from) and --to is \(to); positions are 1 or more, and --to is not before --from.")
        }
    }

    /// The part; `nil` when none is named.
    func part() throws(Failure) -> RebuildPart? {
        if let from, let to { return .positions(GlobalPosition(from)...GlobalPosition(to)) }
        do throws(NameFlaw) {
            let tenant = try workspace.map { (name) throws(NameFlaw) in try Workspace(name) }
            if let stream { return .stream(tenant ?? .default, try StreamName(stream)) }
            return tenant.map(RebuildPart.workspace)
        } catch {
            throw Failure(.usage, error.description, hint: "see `lockstep projections rebuild --help`")
        }
    }
}
