import EventModel
import EventSourcing
import ReadModels

/// What was asked of a parked key, or would be.
struct ParkingRequestAnswer: Sendable {
    enum Outcome: String, Sendable {
        /// The projector that holds the lease will do it.
        case requested
        /// Nothing was asked.
        case preview
        /// There is no such key, or not any more.
        case notParked = "not_parked"
        /// The key stands at another event than the one that was named.
        case elsewhere
    }

    let projection: String
    /// Where it is parked; `nil` when it is not.
    let generation: Generation?
    let key: ParkingKey
    let parked: ParkedKey?
    let outcome: Outcome
    /// The event that is left out.
    let skips: GlobalPosition?
    /// The first positions of the queue.
    let positions: [GlobalPosition]

    init(
        _ generation: Generation, _ parked: ParkedKey, _ outcome: Outcome, skips: GlobalPosition? = nil,
        positions: [GlobalPosition]
    ) {
        projection = generation.projection
        self.generation = generation
        key = parked.key
        self.parked = parked
        self.outcome = outcome
        self.skips = skips
        self.positions = positions
    }

    init(projection: String, notParked key: ParkingKey) {
        self.projection = projection
        self.key = key
        (generation, parked, outcome, skips, positions) = (nil, nil, .notParked, nil, [])
    }

    var isYes: Bool {
        switch outcome {
        case .requested, .preview: true
        case .notParked, .elsewhere: false
        }
    }

    /// How many events will be folded.
    private var events: Int64 { max(0, (parked?.queued ?? 0) - (skips == nil ? 0 : 1)) }

    private var folded: [GlobalPosition] { positions.filter { $0 != skips } }

    func line() {
        Answers.object { object in
            object.member("projection", projection)
            object.member("generation", generation?.number)
            object.member("key", key.text)
            object.member("outcome", outcome.rawValue)
            object.member("skips", skips?.rawValue)
            object.member("events", events)
            object.key("positions")
            object.array { array in
                for position in folded { array.int(position.rawValue) }
            }
            object.member("more", events > Int64(folded.count))
            object.member("type", parked?.failure.type.rawValue)
            object.member("event_id", parked?.failure.eventID)
            object.member("cause", parked?.failure.cause)
        }
    }

    func show() {
        let name = Table.printable(key.text)
        switch outcome {
        case .notParked: StandardOutput.shared.write("\(name) is not parked in \(projection)")
        case .elsewhere:
            let now = parked.map { "at position \($0.failure.position)" } ?? "nowhere"
            StandardOutput.shared.write("\(name) stands \(now) by now: look again, `lockstep projections parked`")
        case .preview, .requested:
            let list = folded.map { "\($0)" }.joined(separator: ", ") + (events > Int64(folded.count) ? ", …" : "")
            var text = "\(name): "
            if let generation, generation.state != .active {
                text = "\(name), in generation \(generation.number), which readers do not see: "
            }
            if let skips, let parked {
                text += "leaves out the event at position \(skips) (\(parked.failure.type)), for good; "
            }
            text += "folds \(Counted.of(events, "event")) in order" + (events == 0 ? "" : ": \(list)")
            StandardOutput.shared.write(outcome == .preview ? "would ask: \(text)" : "asked: \(text)")
        }
    }
}
