import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation

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
            case 6, 7:
                let draft = try reconciliation(&random)
                try await log.append("reconciliation-\(id % 2)", draft)
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

    /// Something between the two sides of an execution.
    private static func reconciliation(_ random: inout SeededGenerator) throws -> EventDraft {
        let lines = try samples.get().filter { $0.type.hasPrefix("reconciliation.") }
        let (type, version, data) = lines[random.below(lines.count)]
        // A person's word is about a conflict.
        let word = random.below(2) == 0 ? #""cause":"comparison""# : #""cause":"person","conflict":"\#(idPrefix)1""#
        let told = data.replacing(#""cause":"comparison""#, with: word)
        return .draft(type, schemaVersion: version, data: renamed(told, &random), actor: "reconciler")
    }

    /// The sample of a registered event, and the category of the stream for it; erasures in any category.
    private static func sample(_ random: inout SeededGenerator) throws -> (category: String, EventDraft) {
        let lines = try samples.get()
        let (type, version, data) = lines[random.below(lines.count)]
        let category = String(type.prefix { $0 != "." })
        let categories = ["workflow_execution", "journey_session", "parlant_session", "reconciliation", "subject"]
        return (
            category == "subject" ? categories[random.below(categories.count)] : category,
            .draft(
                type, schemaVersion: version,
                data: category == "reconciliation" ? renamed(data, &random) : data,
                actor: random.below(2) == 0 ? nil : "ana")
        )
    }

    /// The same about other decisions, conflicts and effects: a few, so that much happens to each, in an order that no decider has thought of.
    private static func renamed(_ data: String, _ random: inout SeededGenerator) -> String {
        let parts = data.components(separatedBy: idPrefix)
        return parts.dropFirst().reduce(into: parts[0]) { text, part in
            text += "\(idPrefix)\(1 + random.below(4))\(part.dropFirst())"
        }
    }

    private static let idPrefix = "0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e0"

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
