/// What is told of conversions and the mappings that they make.
enum ConversionSentences {
    static let all: [String: SentenceTemplate] = [
        "mapping.proposed":
            "Mapping version \(plain: "version") between workflow \("mapping", "workflow", "id") and journey \("mapping", "journey", "id") proposed: \(count: "mapping", "nodes", of: "block"), \(count: "mapping", "edges", of: "edge")",
        "mapping.validated": "Mapping version \(plain: "version") validated: \(count: "problems", of: "problem")",
        "mapping.activated": "Mapping version \(plain: "version") activated",
        "mapping.retired": "Mapping version \(plain: "version") retired\(when: " for version \(plain: "successor")")",
        "conversion.started": "Conversion \(plain: "direction") of \("source", "id") started",
        "conversion.step_completed": "Conversion step \(plain: "step") completed",
        "conversion.completed":
            "Conversion to \("result", "id") completed\(when: ", with mapping version \(plain: "mapping_version")")",
        "conversion.failed":
            "Conversion failed at step \(plain: "step"): \(plain: "code")\(when: ", \(some: "findings", of: "finding")")",
        "conversion.paths_migrated":
            "Paths of \(count: "sessions", of: "session") through journey \("journey") worked out anew",
    ]
}
