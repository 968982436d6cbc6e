import EventModel
import EventSourcing
import FoundationEssentials
import ReadModels

/// How far the lanes have come that move together: one checkpoint for all of them, or one for each of a share.
///
/// An event counts if and only if its lane is one of these and it is beyond the lane's position. Reading begins behind the least position, so a
/// lane that is further sees events again, which do not count.
struct LaneProgress: Sendable, Hashable {
    let layout: LaneLayout
    /// In the order of the lanes.
    private(set) var lanes: [ConsumerProgress]
    /// Where each lane of the layout is in ``lanes``.
    private let places: [Int: Int]

    /// What is stored of a share; a lane of which nothing is stored has seen nothing of this incarnation.
    init(_ projection: some Projection, lanes: [Int], stored: [ConsumerProgress], incarnation: UUID) {
        layout = projection.layout
        let known = Dictionary(stored.map { ($0.key.lane, $0) }, uniquingKeysWith: { first, _ in first })
        self.lanes = lanes.map { lane in
            known[lane] ?? ConsumerProgress(of: .init(of: projection, lane: lane), incarnation: incarnation)
        }
        places = Dictionary(uniqueKeysWithValues: lanes.enumerated().map { ($1, $0) })
    }

    /// Everything up to here has been handled in every lane.
    var least: GlobalPosition { lanes.map(\.position).min() ?? .start }

    /// Where each lane is.
    var positions: [Int: GlobalPosition] {
        Dictionary(uniqueKeysWithValues: lanes.map { ($0.key.lane, $0.position) })
    }

    /// Where a lane's checkpoint is; `nil` when it is none of these.
    subscript(lane: Int) -> ConsumerProgress? { places[lane].map { lanes[$0] } }

    /// Whether an event counts, in this progress and in every later one that has not handled it.
    func counts(_ event: RecordedEvent) -> Bool {
        places[layout.lane(of: event)].map { event.position > lanes[$0].position } ?? false
    }

    /// Moves the lane of an event that counts over it.
    mutating func handle(_ event: RecordedEvent) {
        guard let place = places[layout.lane(of: event)] else { return }
        lanes[place].handle(event)
    }

    /// Every event up to this one has been read: no lane is behind it any more.
    mutating func stand(behind event: RecordedEvent) {
        for place in lanes.indices where lanes[place].position < event.position {
            lanes[place].position = event.position
            lanes[place].lastEventID = event.id
        }
    }

    /// These lanes have nothing more up to here, although what was read of them may end before.
    mutating func stand(at ends: [Int: LaneEnd]) {
        for (lane, end) in ends {
            guard let place = places[lane], lanes[place].position < end.position else { continue }
            lanes[place].position = end.position
            lanes[place].lastEventID = end.eventID
        }
    }

    /// Every one of these events, which stand one directly behind the other, has been read: no lane is behind the last of them, as far as it may go.
    mutating func stand(behind events: EventBatch, butNotBeyond end: Frontier) {
        guard let first = events.first, let last = events.last else { return }
        for place in lanes.indices {
            let position = min(last.position, end[lanes[place].key.lane])
            guard position > lanes[place].position, position >= first.position else { continue }
            let event = events[events.startIndex + Int(first.position.distance(to: position))]
            lanes[place].position = position
            lanes[place].lastEventID = event.id
        }
    }

    /// Whether a lane has not come as far as it is to.
    func isBehind(_ end: Frontier) -> Bool { lanes.contains { $0.position < end[$0.key.lane] } }

    /// Where the lanes that have not come as far as they are to have to go on.
    func least(behind end: Frontier) -> GlobalPosition {
        lanes.filter { $0.position < end[$0.key.lane] }.map(\.position).min() ?? end.greatest
    }

    /// Adds what was seen of each lane beside, in whatever order.
    mutating func add(_ seen: [Int: SeenEvents]) {
        for (lane, events) in seen {
            guard let place = places[lane] else { continue }
            lanes[place].eventsHandled += events.count
            lanes[place].digest.add(events.digest)
        }
    }

    /// Says it of the lanes that are not where they were.
    mutating func setState(_ state: ProjectorState, movedFrom before: LaneProgress) {
        for place in lanes.indices where lanes[place].position != before.lanes[place].position {
            lanes[place].state = state.rawValue
        }
    }

    /// Each lane says for itself whether it has come to the end of the log, if it stood still or has not said so; one that is behind goes on saying
    /// what it said.
    mutating func setStates(head: GlobalPosition) {
        for place in lanes.indices {
            let isLive = lanes[place].position >= head
            let isStill = lanes[place].lastError == nil && lanes[place].state == ProjectorState.live.rawValue
            guard isLive || !isStill else { continue }
            lanes[place].state = (isLive ? ProjectorState.live : .catchingUp).rawValue
            lanes[place].lastError = nil
        }
    }

    /// Says the same of all lanes.
    mutating func setState(_ state: ProjectorState, _ error: String? = nil) {
        for place in lanes.indices {
            lanes[place].state = state.rawValue
            lanes[place].lastError = error
        }
    }

    /// Lanes that have seen nothing begin on this history.
    mutating func begin(on incarnation: UUID) {
        for place in lanes.indices where lanes[place].position == .start { lanes[place].incarnation = incarnation }
    }

    /// What differs from an earlier progress of the same lanes, or parks something.
    func moves(
        from before: LaneProgress, under share: LaneShare, parking: LaneParking = .none
    ) -> [CheckpointMove] {
        zip(lanes, before.lanes).compactMap { (after, before) -> CheckpointMove? in
            let parking = parking[after.key.lane]
            guard after != before || !parking.isEmpty, let lease = share.leases[after.key.lane] else { return nil }
            return CheckpointMove(after, from: before.position, under: lease, parking: parking)
        }
    }

    /// What all lanes say of themselves, where they stand.
    func states(under share: LaneShare) -> [CheckpointMove] {
        lanes.compactMap { progress in
            share.leases[progress.key.lane].map { CheckpointMove(progress, from: progress.position, under: $0) }
        }
    }
}
