/// What is told of the definitions of workflows.
enum WorkflowSentences {
    static let all: [String: SentenceTemplate] = [
        "workflow.imported":
            "Workflow\(when: " \("name")") imported: \(count: "counts", "blocks", of: "block"), \(count: "counts", "edges", of: "edge")",
        "workflow.revised":
            "Workflow\(when: " \("name")") revised: \(count: "counts", "blocks", of: "block"), \(count: "counts", "edges", of: "edge")\(when: "; \(difference: "changes", of: kinds)")",
        "workflow.replaced":
            "Workflow\(when: " \("name")") replaced: \(count: "counts", "blocks", of: "block"), \(count: "counts", "edges", of: "edge")\(when: "; \(difference: "changes", of: kinds)")",
        "workflow.original_kept": "Part \(plain: "part") of \(plain: "parts") of the imported file kept",
        "workflow.renamed": "Workflow renamed to \("name")",
        "workflow.published": "Revision \(plain: "revision") of the workflow published\(when: " as \("label")")",
        "workflow.unpublished": "Workflow unpublished at revision \(plain: "revision"): nothing runs",
        "workflow.archived": "Workflow archived at revision \(plain: "revision")",
        "workflow.restored": "Workflow restored at revision \(plain: "revision")",
    ].merging(edits) { first, _ in first }

    private static let edits: [String: SentenceTemplate] = [
        "workflow.block_added":
            "\(count: "added", "blocks", of: "block") added\(when: ", with \(some: "added", "edges", of: "edge")")",
        "workflow.block_removed":
            "\(count: "blocks", of: "block") removed\(when: ", with \(some: "edges", of: "edge")")",
        "workflow.block_moved": "\(count: "blocks", of: "block") moved on the canvas",
        "workflow.block_renamed": "Block \("id") renamed to \("name")",
        "workflow.block_enabled": "\(count: "blocks", of: "block") enabled",
        "workflow.block_disabled": "\(count: "blocks", of: "block") disabled",
        "workflow.block_locked": "\(count: "blocks", of: "block") locked",
        "workflow.block_unlocked": "\(count: "blocks", of: "block") unlocked",
        "workflow.block_configured": "\(count: "blocks", of: "block") configured",
        "workflow.block_reparented":
            "\(count: "blocks", of: "block") moved into or out of a container\(when: ", losing \(some: "edges", of: "edge")")",
        "workflow.edge_added": "\(count: "edges", of: "edge") added",
        "workflow.edge_removed": "\(count: "edges", of: "edge") removed",
        "workflow.sub_block_changed": "\(count: "changes", of: "field") of blocks changed",
        "workflow.subflow_changed": "Container \("id") changed",
        "workflow.variable_set":
            "Variable \(first: ["variable", "name"], ["variable", "id"]) set\(when: " to \(personal: "variable", "value", as: "a value")")",
        "workflow.variable_removed": "Variable \("id") removed",
    ]

    private static let kinds = [
        ("blocks", noun: "block"), ("edges", noun: "edge"), ("containers", noun: "container"),
        ("variables", noun: "variable"),
    ]
}
