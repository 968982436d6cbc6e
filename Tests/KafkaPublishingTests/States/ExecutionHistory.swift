import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import KafkaPublishing
import ReadModels

/// A log of a few executions of two tenants with the same names, made of the samples, with erasures, conversations and, if wanted, events
/// that cannot be folded.
struct ExecutionHistory {
    private static let samples: [(type: String, data: String)] = ["workflow_execution", "journey_session"].flatMap {
        category -> [(type: String, data: String)] in
        let directory = ProjectFiles.eventSchemas(of: category)
        let names = ((try? ProjectFiles.names(in: directory)) ?? []).filter { $0.hasSuffix(".v1.sample.json") }
        return names.compactMap { name in
            guard let bytes = try? ProjectFiles.bytes("\(directory)/\(name)") else { return nil }
            return ("\(category).\(name.prefix { $0 != "." })", String(decoding: bytes, as: UTF8.self))
        }
    }
    static let start = Timestamp(microseconds: 1_767_225_600_000_000)

    private(set) var log = InMemoryLog()
    private var random: SplitMix64
    private var ids: SplitMix64
    /// One in so many events cannot be folded; 0 for none.
    var poison = 0
    var executions = 6

    init(seed: Int) {
        random = SplitMix64(numbered: seed)
        ids = SplitMix64(numbered: seed + 1_000_000)
    }

    /// So many more events, as appends of one event each.
    mutating func grow(by count: Int) throws {
        for _ in 0..<count { _ = try grow() }
    }

    /// One more event.
    mutating func grow() throws -> AppendRequest {
        let time = Self.start.advanced(by: .seconds(Int64(log.entries.count)))
        let request = try AppendRequest(
            workspace: random.chance(percent: 30) ? Workspace("acme") : .default,
            streams: [StreamAppend([draft(at: time)], to: stream, expecting: .any)])
        _ = try log.append(CheckedAppend(request), at: time)
        return request
    }

    private var stream = StreamName(trusting: "")

    private mutating func draft(at time: Timestamp) -> EventDraft {
        let key = "exec-\(Int.random(in: 0..<executions, using: &random))"
        let id = TimeOrderedID.version7(at: time, using: &ids)
        if poison > 0, random.chance(percent: 100 / poison) {
            stream = StreamName(trusting: "workflow_execution-\(key)")
            return .draft("workflow_execution.started", id: id, data: #"{"odd":1}"#, at: time)
        }
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            let category = ["workflow_execution", "journey_session", "subject"].randomElement(using: &random) ?? ""
            stream = StreamName(trusting: "\(category)-\(key)")
            return .draft("subject.erased", id: id, data: #"{"subject":"customer:c"}"#, at: time)
        case 1:
            stream = StreamName(trusting: "order-\(key)")
            return .draft("order.placed", id: id, at: time)
        default:
            let sample = Self.samples.randomElement(using: &random) ?? ("", "{}")
            stream = StreamName(trusting: "\(sample.type.prefix { $0 != "." })-\(key)")
            return .draft(sample.type, id: id, data: sample.data, at: time)
        }
    }
}

extension InMemoryLog {
    /// Every event, in order.
    var allEvents: EventBatch { read(EventQuery(limit: EventQuery.limitRange.upperBound)).events }

    /// What every reader must end up with: of each key the row of the naive fold over its own events, up to the first that cannot be folded.
    func expectedStates(
        by projection: some StateProjection = SyncStateProjection(), skipping skips: SkippedEvents = .none
    ) -> [StateKey: [UInt8]] {
        var folds: [StateKey: (fold: NaiveFold, hasFailed: Bool)] = [:]
        for event in allEvents {
            let key = StateKey(workspace: event.workspace, syncKey: event.stream.syncKey)
            var (fold, hasFailed) = folds[key] ?? (NaiveFold(projection, skipping: skips), false)
            if !hasFailed {
                do throws(ProjectionFault) { try fold.fold(CollectionOfOne(event)) } catch { hasFailed = true }
            }
            folds[key] = (fold, hasFailed)
        }
        return folds.compactMapValues { $0.fold.rows.values.first.map(projection.table.json) }
    }
}
