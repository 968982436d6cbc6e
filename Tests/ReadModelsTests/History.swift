import EventModel
import FoundationEssentials
import ReadModels

/// An event of a test history; position, version and times follow from its place.
struct Fact {
    var stream: String
    var type: String
    var data: [UInt8]
    var actor: String?
    var schemaVersion: Int32 = 1

    init(_ stream: String, _ type: String, _ data: String = "{}", actor: String? = nil, schemaVersion: Int32 = 1) {
        self.init(stream, type, bytes: Array(data.utf8), actor: actor, schemaVersion: schemaVersion)
    }

    init(_ stream: String, _ type: String, bytes: [UInt8], actor: String? = nil, schemaVersion: Int32 = 1) {
        self.stream = stream
        self.type = type
        self.data = bytes
        self.actor = actor
        self.schemaVersion = schemaVersion
    }
}

/// The facts as a log would hand them out: positions 1, 2, 3 …, recorded one second apart.
func history(_ facts: [Fact]) -> EventBatch {
    var builder = EventBatchBuilder()
    var versions: [String: Int64] = [:]
    for (index, fact) in facts.enumerated() {
        versions[fact.stream, default: 0] += 1
        let kind = EventKind(
            trustingWorkspace: "default", category: String(fact.stream.prefix { $0 != "-" }), type: fact.type)
        let fixed = EventBatchBuilder.Fixed(
            position: GlobalPosition(Int64(index) + 1), version: StreamVersion(versions[fact.stream] ?? 1), id: UUID(),
            kind: kind, schemaVersion: fact.schemaVersion, occurredAt: moment(index + 1), recordedAt: moment(index + 1),
            correlationID: nil, causationID: nil)
        Array(fact.stream.utf8).withUnsafeBytes { stream in
            Array((fact.actor ?? "").utf8).withUnsafeBytes { actor in
                fact.data.withUnsafeBytes { data in
                    builder.append(
                        fixed, stream: stream, actor: fact.actor == nil ? nil : actor, data: data,
                        metadata: UnsafeRawBufferPointer(start: nil, count: 0))
                }
            }
        }
    }
    return builder.finish()
}

/// When the event at a position was recorded.
func moment(_ position: Int) -> Timestamp {
    Timestamp(microseconds: 1_767_225_600_000_000 + Int64(position) * 1_000_000)
}

/// The payload of a workflow event, as the domain writes it.
func workflowData(
    name: String = #""Order""#, blocks: String = "3", edges: String = "2", digest: String = "aa", more: String = "",
    metadata: String = #"{"description":"Takes orders"}"#
) -> String {
    """
    {"counts":{"blocks":\(blocks),"edges":\(edges),"loops":0,"parallels":1,"variables":4},\
    "definition":{"blocks":{"a":{"name":"not the workflow's","metadata":{"description":"nor this"}}},"edges":[],"metadata":\(metadata)},\
    "digest":"\(digest)","format":"state","name":\(name),\(more)"source":"order.json"}
    """
}

extension Projection {
    /// The rows of a history, by the naive fold.
    func view(_ facts: [Fact]) throws(ProjectionFault) -> [RowKey: Row] {
        var fold = NaiveFold(self)
        try fold.fold(history(facts))
        return fold.rows
    }

    /// Why a fact cannot be folded; `nil` when it can.
    func fault(_ fact: Fact) -> ProjectionFault.Reason? {
        do throws(ProjectionFault) {
            _ = try view([fact])
            return nil
        } catch {
            return error.reason
        }
    }
}
