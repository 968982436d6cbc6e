/// What is told of the executions of workflows.
enum ExecutionSentences {
    static let all: [String: SentenceTemplate] = [
        "workflow_execution.started":
            "Execution\(when: " of workflow \("workflow")") started\(when: " by \(plain: "trigger")")\(ifTrue: "implied", ", as later reports show")",
        "workflow_execution.completed": "Execution completed\(when: ", with \(personal: "output", as: "an output")")",
        "workflow_execution.failed":
            "Execution failed\(when: " (\(plain: "code"))")\(when: ", with \(personal: "error", as: "an error")")",
        "workflow_execution.cancelled": "Execution cancelled",
        "workflow_execution.paused":
            "Execution paused: it could not be resumed\(when: ", with \(personal: "error", as: "an error")")",
        "workflow_execution.wait_started":
            "Execution waits for \("wait", "kind", told: ["human": "a person", "time": "a time"])\(when: " at block \("wait", "blockedOn")")",
        "workflow_execution.resumed": "Execution resumed\(when: ", with \(personal: "input", as: "an input")")",
        "workflow_execution.noted": "Execution reported as \("original", "word")",
    ].merging(blocks) { first, _ in first }

    private static let blocks: [String: SentenceTemplate] = [
        "workflow_execution.block_started":
            "Block \(first: ["block", "name"], ["block", "id"])\(when: " (\(plain: "block", "type"))") started",
        "workflow_execution.block_completed":
            "Block \(first: ["block", "name"], ["block", "id"])\(when: " (\(plain: "block", "type"))") completed\(when: ", with \(personal: "output", as: "an output")")",
        "workflow_execution.block_failed":
            "Block \(first: ["block", "name"], ["block", "id"])\(when: " (\(plain: "block", "type"))") failed\(when: ", with \(personal: "error", as: "an error")")\(ifTrue: "handled", "; the workflow handled it")",
        "workflow_execution.block_skipped":
            "Block \(first: ["block", "name"], ["block", "id"])\(when: " (\(plain: "block", "type"))") skipped",
        "workflow_execution.child_workflow_started":
            "Block \(first: ["block", "name"], ["block", "id"]) started a workflow\(when: ", run \("instance")")",
    ]
}
