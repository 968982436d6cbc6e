import EventModel
import EventSourcing
import FoundationEssentials
import Ingest
import PostgresEventStore

/// What became of a refused message that was tried again.
enum RetryAnswer {
    typealias Outcome = RejectionRetry<PostgresEventStore, PostgresEventStore>.Outcome

    /// - Parameter outcome: `nil`: there is no such message.
    static func tell(_ outcome: Outcome?, of id: UUID, asJSON: Bool) {
        let (name, events, rejection) = parts(outcome)
        guard asJSON else {
            var text = "\(id.text): \(sentences[name] ?? name)"
            if let events { text += ", \(Counted.of(events, "event"))" }
            if let rejection { text += " (\(rejection.code.rawValue)): \(Table.printable(rejection.reason))" }
            return StandardOutput.shared.write(text)
        }
        Answers.object { object in
            object.member("id", id)
            object.member("outcome", name)
            object.member("events", events ?? 0)
            object.member("code", rejection?.code.rawValue)
            object.member("reason", rejection?.reason)
        }
    }

    private static let sentences = [
        "accepted": "accepted", "refused": "still refused", "accepted_before": "had been accepted before",
        "destroyed": "its content was destroyed with the key of its workspace", "unknown": "there is no such message",
    ]

    private static func parts(_ outcome: Outcome?) -> (name: String, events: Int64?, InboundRejection?) {
        switch outcome {
        case .accepted(let events): ("accepted", events, nil)
        case .refused(let rejection): ("refused", nil, rejection)
        case .acceptedBefore: ("accepted_before", nil, nil)
        case .destroyed: ("destroyed", nil, nil)
        case nil: ("unknown", nil, nil)
        }
    }
}
