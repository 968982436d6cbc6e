import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import ReadModels

@testable import Projector

// A generation with one checkpoint: what there is of the only lane.

extension ProjectorMachine.StartingPoint {
    init(
        progress: ConsumerProgress?, head: LogHead, eventID: UUID?, parked: ParkedKeys = ParkedKeys(),
        skips: SkippedEvents = .none
    ) {
        var found: [GlobalPosition: UUID] = [:]
        if let progress { found[progress.position] = eventID }
        self.init(progress: progress.map { [$0] } ?? [], head: head, eventIDs: found, parked: parked, skips: skips)
    }
}

extension ProjectorMachine.Apply {
    var progress: ConsumerProgress { moves[0].progress }
    var from: GlobalPosition { moves[0].from }
    var parking: ParkingChanges { moves[0].parking }
}

extension [CheckpointMove] {
    var progress: ConsumerProgress { self[0].progress }
}

extension ProjectorMachine.Input {
    static func requested(_ parked: ParkedKey) -> Self {
        .requested(RequestedRetry(of: parked, in: ConsumerProgress.Key(of: TallyProjection())))
    }
}
