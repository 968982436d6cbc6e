/// What the row of an execution is made of: fields of its events' payloads, each found by its place in one walk over a payload.
enum ExecutionField: Int, CaseIterable {
    case workflow, definitionDigest, definitionRevision, mappingID, mappingVersion, trigger, visit, isOwn, after
    case status, word, startedAt, endedAt, code
    case waitKind, waitContext, resumeAt, blockedOn
    case running, completed, failed, skipped, contradictions

    static let shape = PayloadShape(allCases.map(\.path))

    /// The names on the way to it.
    var path: PayloadFields.Path {
        switch self {
        case .workflow: ["workflow"]
        case .definitionDigest: ["definition", "digest"]
        case .definitionRevision: ["definition", "revision"]
        case .mappingID: ["mapping", "id"]
        case .mappingVersion: ["mapping", "version"]
        case .trigger: ["trigger"]
        case .visit: ["visit"]
        case .isOwn: ["own"]
        case .after: ["change", "after"]
        case .status: ["standing", "status"]
        case .word: ["standing", "word"]
        case .startedAt: ["standing", "startedAt"]
        case .endedAt: ["standing", "endedAt"]
        case .code: ["standing", "code"]
        case .waitKind: ["standing", "wait", "kind"]
        case .waitContext: ["standing", "wait", "context"]
        case .resumeAt: ["standing", "wait", "resumeAt"]
        case .blockedOn: ["standing", "wait", "blockedOn"]
        case .running: ["standing", "visits", "running"]
        case .completed: ["standing", "visits", "completed"]
        case .failed: ["standing", "visits", "failed"]
        case .skipped: ["standing", "visits", "skipped"]
        case .contradictions: ["standing", "visits", "contradictions"]
        }
    }

    /// As faults name it.
    var name: String { path.map(\.description).joined(separator: ".") }
}
