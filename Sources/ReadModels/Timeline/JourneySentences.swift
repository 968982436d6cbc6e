/// What is told of the definitions of journeys.
enum JourneySentences {
    static let all: [String: SentenceTemplate] = [
        "journey.created":
            "Journey \("title") created\(when: " from workflow \("origin", "workflow")")\(when: " from \(personal: "origin", "name", as: "a file")"): \(count: "counts", "states", of: "state"), \(count: "counts", "transitions", of: "transition")",
        "journey.revised":
            "Journey \("title") revised: \(count: "counts", "states", of: "state"), \(count: "counts", "transitions", of: "transition")\(when: "; \(difference: "changes", of: kinds)")",
        "journey.original_kept":
            "Imported file of \(plain: "bytes") bytes\(when: ": part \(plain: "part") of \(plain: "parts") kept")",
        "journey.renamed": "Journey \("previousTitle") renamed to \("title")",
        "journey.archived":
            "Journey archived at revision \(plain: "revision")\(when: ", for \(personal: "reason", as: "a reason")")",
        "journey.restored": "Journey restored at revision \(plain: "revision")",
        "parlant_journey.pushed": "Journey pushed to \(plain: "server") at revision \(plain: "revision")",
    ]

    private static let kinds = [
        ("states", noun: "state"), ("transitions", noun: "transition"), ("conditions", noun: "condition"),
        ("labels", noun: "label"), ("tags", noun: "tag"),
    ]
}
