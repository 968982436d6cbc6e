import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials

/// Histories with events of every registered type, beside many of a few that change the same rows again and again.
enum RandomHistory {
    static func append(_ count: Int, to log: InMemoryEventStore, _ random: inout SeededGenerator) async throws {
        for _ in 0..<count {
            let id = random.below(6)
            switch random.below(12) {
            case 0: try await log.append("tally-\(id)", .draft("tally.cleared"))
            case 1, 2:
                try await log.append(
                    "workflow-\(id)", .draft("workflow.imported", data: workflowData(id, nil), actor: "ana"))
            case 3:
                try await log.append(
                    "workflow-\(id)", .draft("workflow.revised", data: workflowData(id, random.below(9))))
            case 4, 5:
                try await log.append(
                    "tally-\(id)", .draft("tally.up", data: #"{ "n" : \#(id).0 }"#, correlation: UUID()))
            default:
                let (category, draft) = try sample(&random)
                try await log.append("\(category)-\(id)", draft)
            }
        }
    }

    private static func workflowData(_ id: Int, _ revision: Int?) -> String {
        """
        {"counts":{"blocks":\(id),"edges":2,"loops":0,"parallels":0,"variables":1},"definition":{"metadata":{}},"digest":"d\(id)",\
        "format":"state","name":"W’\(id)","revision":\(revision ?? 1),"source":"w.json"}
        """
    }

    /// The sample of a registered event, and the category of the stream for it; erasures in any category.
    private static func sample(_ random: inout SeededGenerator) throws -> (category: String, EventDraft) {
        let lines = try samples.get()
        let (type, version, data) = lines[random.below(lines.count)]
        let category = String(type.prefix { $0 != "." })
        let categories = ["workflow_execution", "journey_session", "parlant_session", "subject"]
        return (
            category == "subject" ? categories[random.below(categories.count)] : category,
            .draft(type, schemaVersion: version, data: data, actor: random.below(2) == 0 ? nil : "ana")
        )
    }

    private static let samples = Result { () throws -> [(type: String, version: Int32, data: String)] in
        try TestDatabase.schemaFile("../samples/event_samples.txt").split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 2)
            return Int32(parts[1]).map { (String(parts[0]), $0, String(parts[2])) }
        }
    }
}

extension InMemoryEventStore {
    func append(_ stream: String, _ draft: EventDraft) async throws {
        _ = try await append(AppendRequest([draft], to: StreamName(trusting: stream), expecting: .any))
    }
}
