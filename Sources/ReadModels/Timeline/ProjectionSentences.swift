/// What is told of decisions about projections.
enum ProjectionSentences {
    static let all: [String: SentenceTemplate] = [
        "projection.event_skipped":
            "The event at position \(plain: "position") (\(plain: "event_type")) is left out of a read model\(when: ": \("reason")")"
    ]
}
