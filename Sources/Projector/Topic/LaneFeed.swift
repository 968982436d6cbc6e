import EventModel
import EventSourcing
import FoundationEssentials

/// Performs what a ``LaneReading`` decides: one reader of the topic, made anew when the lanes change. Used by the one task that follows the lanes.
actor LaneFeed<Log: EventStore> {
    /// How often offsets are left for whoever reads the lanes next.
    private static var hintInterval: Duration { .seconds(5) }

    private let topic: any LaneTopic
    private let membership: any LaneMembership
    private let log: Log
    private let settings: ProjectorSettings
    private var reading: LaneReading
    private var reader: (any LaneReader)?
    private var hintedAt: Duration
    /// The log has had this position.
    private var furthest = GlobalPosition.start
    /// Read once: a decision of that kind is made while nothing runs, and what it changes stops whoever meets it.
    private var earlier: [UUID: GlobalPosition]?

    init(_ topic: any LaneTopic, as membership: any LaneMembership, log: Log, settings: ProjectorSettings) {
        self.topic = topic
        self.membership = membership
        self.log = log
        self.settings = settings
        reading = LaneReading(lookingEvery: settings.limits.lookInterval)
        hintedAt = settings.time.steady()
    }

    /// The next events of these lanes, each behind its position.
    func pull(
        after positions: [Int: GlobalPosition], limit: Int, atMost patience: Duration
    ) async -> ProjectorMachine.Input {
        do {
            furthest = positions.values.max() ?? .start
            let wish = LaneWish(after: positions, limit: limit, patience: patience, at: settings.time.steady())
            var action = reading.receive(.wanted(wish))
            leaveHints()
            while true {
                switch action {
                case .deliver(let batch): return .pulled(batch)
                case .stop(let fault): return .misled(fault)
                case .askHints, .open, .look, .identify, .rewind, .read:
                    action = reading.receive(try await perform(action))
                }
            }
        } catch let error as StoreError {
            return .failed(error)
        } catch let error as LaneTopicError {
            await close()
            switch error {
            case .unavailable(let reason): return .failed(Task.isCancelled ? .cancelled : .unavailable(reason: reason))
            case .lanes, .refused: return .misled(.topic(error))
            }
        } catch {
            return .failed(.cancelled)
        }
    }

    /// Reads no more, and leaves offsets for the next one.
    func close() async {
        membership.leave(hints: reading.hints)
        await reader?.close()
        reader = nil
        reading = LaneReading(lookingEvery: settings.limits.lookInterval)
    }

    private func leaveHints() {
        let now = settings.time.steady()
        guard now - hintedAt >= Self.hintInterval else { return }
        hintedAt = now
        membership.leave(hints: reading.hints)
    }

    private func perform(_ action: LaneReading.Action) async throws -> LaneReading.Input {
        switch action {
        case .askHints(let lanes):
            let earlier = if let earlier { earlier } else { try await topic.earlierIncarnations() }
            self.earlier = earlier
            return .hinted(lanes.isEmpty ? [:] : try await membership.hints(for: lanes), earlier: earlier)
        case .open(let starts):
            await reader?.close()
            reader = nil
            reader = try await topic.open(starts)
            return .opened
        case .look: return try await look()
        case .identify(let position):
            let before = GlobalPosition(position.rawValue - 1)
            return .identified(
                try await log.read(EventQuery(after: before, through: position, limit: 1)).events.first?.id)
        case .rewind(let starts):
            try await reader?.rewind(starts)
            return .rewound
        case .read(let limit, let patience):
            return .read(try await reader?.next(limit: limit, atMost: patience) ?? [])
        case .deliver, .stop: return .read([])
        }
    }

    private func look() async throws(StoreError) -> LaneReading.Input {
        let published = try await topic.published()
        let head = try await log.head()
        guard head.position >= furthest else {
            throw .corrupt(
                at: head.position, reason: "the log ends before position \(furthest), which was read from it")
        }
        return .looked(published, head)
    }
}
