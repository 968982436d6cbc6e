import EventModel
import EventSourcingTesting
import FoundationEssentials
import ReadModels

/// Histories of both sides of a few executions, made of the registered samples with other places in them.
struct SyncHistory {
    private var mixer: SplitMix64
    private static let sides = SampleEvent.all.filter {
        $0.type.hasPrefix("workflow_execution.") || $0.type.hasPrefix("journey_session.")
    }
    private static let statuses = ["queued", "running", "waiting", "paused", "completed", "failed", "cancelled"]

    init(seed: UInt64) { mixer = SplitMix64(seed: seed) }

    /// So many events of two executions, with conversations and erasures in between.
    mutating func facts(_ count: Int) -> [Fact] { (0..<count).map { _ in fact() } }

    private mutating func fact() -> Fact {
        let key = "e\(mixer.below(2))"
        switch mixer.below(12) {
        case 0:
            let stream = ["workflow_execution", "journey_session", "parlant_session", "subject"][mixer.below(4)]
            return Fact("\(stream)-\(key)", "subject.erased", #"{"subject":"customer:c"}"#)
        case 1: return Fact("parlant_session-\(key)", "parlant_session.closed", #"{"reason":"ended","at":"x"}"#)
        default:
            let sample = Self.sides[mixer.below(Self.sides.count)]
            let category = sample.type.prefix { $0 != "." }
            return Fact("\(category)-\(key)", sample.type, bytes: varied(sample.data, sample.type).compactBytes())
        }
    }

    private mutating func varied(_ data: JSONValue, _ type: String) -> JSONValue {
        var data = data
        if data["visit"] != nil { data = data.with("visit", .string("b\(mixer.below(4))#1")) }
        if let standing = data["standing"], mixer.below(2) == 0 {
            let status = JSONValue.string(Self.statuses[mixer.below(Self.statuses.count)])
            data = data.with("standing", standing.with("status", status))
        }
        if data["state"] != nil {
            data = data.with("state", .string("s\(mixer.below(3))"))
            data = data.with("journey", .string(["", "j", "k"][mixer.below(3)]))
        }
        if type.hasSuffix("bound"), mixer.below(3) == 0 {
            data = data.with("mapping", ["id": .string("m\(mixer.below(2))"), "version": 2])
        }
        if let offset = data["offset"]?.int {
            data = data.with("offset", .number(JSONNumber(offset + mixer.below(20))))
        }
        return data
    }
}

extension JSONValue {
    /// The object with another value for a member.
    func with(_ key: String, _ value: JSONValue) -> JSONValue {
        guard var object = self.object else { return self }
        object[key] = value
        return .object(object)
    }
}
