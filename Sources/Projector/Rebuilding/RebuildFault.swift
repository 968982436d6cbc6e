import EventModel
import EventSourcing
import ReadModels

/// Why a rebuild cannot go on. The generation that readers see is untouched, and what was stored of the new one stays for the next run.
public enum RebuildFault: Error, Sendable, Equatable {
    /// Another rebuild of the projection is running.
    case running(projection: String, holder: String)
    /// The lease was lost, or somebody else has written: this run has nothing to say any more.
    case overtaken(generation: String, String)
    /// The database cannot hold the rows, nor can a key be blamed for it.
    case refused(generation: String, reason: String)
    /// A generation is beside the active one already.
    case shadowWaits(projection: String)
    /// The generation beside the active one keeps its checkpoints in another way than was asked for.
    case otherLayout(Generation, asked: LaneLayout)
    /// An event outside of the part concerns a row of it.
    case partIsOpen(projection: String, RebuildPart, key: String, stream: String, position: GlobalPosition)
    /// The rows of the part take more memory than there may be used, in bytes.
    case partTooLarge(projection: String, RebuildPart, limit: Int)
    /// A row of the part is parked in what readers see.
    case partIsParked(projection: String, RebuildPart, key: String)
    /// New rows come to the part again and again before the log can be searched for other events that concern them: many are appended, or a lane that
    /// is ahead has brought one and the others do not follow.
    case partGrows(projection: String, RebuildPart)
    /// The lanes of what readers see are far from each other, and did not come nearer while they were waited for.
    case lanesApart(Generation, Frontier)
    /// The log is not the one that the generation was folded from.
    case history(HistoryFault, projection: String)
    /// There is nothing to compare or to activate.
    case noShadow(projection: String)
    /// There is nothing to return to.
    case noPrevious(projection: String)
    /// The generation was made by another version of the fold than this program's.
    case foreignVersion(Generation, own: Int)
    /// The differences of the generation have not been looked at, or are not explained.
    case unexplained(Generation, RebuildVerdict)
    /// What was accepted is not what differs.
    case otherDifferences(Generation, accepted: String, found: String)
}

extension RebuildFault: CustomStringConvertible {
    /// One sentence: what is in the way, and what to do.
    public var description: String {
        switch self {
        case .running(let projection, let holder):
            "a rebuild of \(projection) is running (\(holder)); wait for it, or stop that process; one that was killed holds the lease "
                + "for some seconds more"
        case .overtaken(let generation, let how):
            "the rebuild of \(generation) was overtaken (\(how)); run it again, it goes on where it is"
        case .refused(let generation, let reason):
            "the database cannot hold the rows of \(generation): \(reason); install a version of this program whose table can, and begin again "
                + "with `lockstep projections rebuild \(generation) --anew`"
        case .shadowWaits(let projection):
            "\(projection) has a generation beside the active one already; activate it, or give it up with `lockstep projections rebuild "
                + "\(projection) --anew`"
        case .otherLayout(let generation, let asked):
            "an earlier run has left \(generation.title), which keeps \(generation.layout.told), and \(asked.told) was asked for: activate it, or "
                + "give it up with `lockstep projections rebuild \(generation.projection) --anew`"
        case .partIsOpen(let projection, let part, let key, let stream, let position):
            "\(part) is not closed: the event at position \(position) of stream \(stream), which is no part of it, concerns the row \(key) of "
                + "\(projection) as well; choose a part with both, or rebuild all of it"
        case .partTooLarge(let projection, let part, let limit):
            "the rows of \(part) take more than \(limit) bytes of memory; choose a smaller part, or rebuild all of \(projection)"
        case .partIsParked(let projection, let part, let key):
            "\(part) concerns \(key), which is parked in \(projection); retry it first, `lockstep projections retry \(projection)`"
        case .partGrows(let projection, let part):
            "\(part) got new rows of \(projection) whenever it was folded; see `lockstep projections status` for a lane that stands still, try again "
                + "when less is appended to the part, choose a smaller one, or rebuild all of \(projection)"
        case .lanesApart(let generation, let frontier):
            "the lanes of \(generation.title) are between positions \(frontier.least) and \(frontier.greatest), too far from each other for a part to be "
                + "made anew beside them: try again when they have caught up, and see `lockstep projections status` for a lane that stands still"
        case .history(let fault, let projection):
            "\(fault); run `lockstep doctor`, then `lockstep projections rebuild \(projection) --anew`"
        case .noShadow(let projection):
            "\(projection) has no generation beside the active one; run `lockstep projections rebuild \(projection)`"
        case .noPrevious(let projection):
            "\(projection) has no previous generation to return to; `lockstep projections rebuild \(projection)` makes another one"
        case .foreignVersion(let generation, let own):
            "\(generation.title) is behind what readers see and was made by another version of the fold than this program's, which is \(own): "
                + "run the program that made it, which also brings it along"
        case .unexplained(let generation, let verdict):
            "\(generation.title) is not activated: \(verdict); look at `lockstep projections diff \(generation.projection)`, then "
                + "write it with --out FILE and activate with --accept-diff FILE"
        case .otherDifferences(let generation, let accepted, let found):
            "\(generation.title) is not activated: the report \(accepted) was accepted, but the present one is \(found); look at it again"
        }
    }
}

extension LaneLayout {
    /// As a sentence tells it.
    fileprivate var told: String { self == .whole ? "one checkpoint" : "a checkpoint for each of \(lanes.count) lanes" }
}
