/// What is told of those whose data the log holds.
enum SubjectSentences {
    static let all: [String: SentenceTemplate] = [
        "subject.erased":
            "Personal data of \("subject") erased: \(count: "values", of: "value") in \(count: "events", of: "event")\(when: ", up to position \(plain: "through")")"
    ]
}
