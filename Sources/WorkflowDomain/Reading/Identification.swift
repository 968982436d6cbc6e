import EventModel

/// Finds a workflow's id by the rule of ``WorkflowID``.
enum Identification {
    static func identify(
        chosen: String?, frame: WorkflowFrame, definition: WorkflowDefinition, fileName: String,
        findings: inout Findings
    ) -> (WorkflowID, WorkflowIDOrigin)? {
        if let chosen { return check(chosen, .chosen, at: .root, findings: &findings) }
        if let (id, path) = own(frame, definition) { return check(id, .file, at: path, findings: &findings) }
        if let name = definition.name, let id = WorkflowID.derived(fromName: name) { return (id, .name) }
        let base = WorkflowFile.baseName(of: fileName)
        let stem = base.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(base[..<$0]) } ?? base
        guard let id = WorkflowID.derived(fromName: stem.isEmpty ? base : stem) else {
            findings.problem(.illegalWorkflowID(base), at: .root)
            return nil
        }
        return (id, .fileName)
    }

    /// The id that the file holds, and where.
    private static func own(_ frame: WorkflowFrame, _ definition: WorkflowDefinition) -> (String, JSONPath)? {
        let around = JSONPath(Array(frame.path.steps.dropLast()))
        if let id = frame.workflow?["id"]?.string { return (id, around["workflow"]["id"]) }
        if let id = definition.metadata["id"]?.string { return (id, frame.path["metadata"]["id"]) }
        for field in ["workflowId", "id"] {
            if let id = frame.envelope[field]?.string { return (id, around[field]) }
            if let id = frame.state[field]?.string { return (id, frame.path[field]) }
        }
        return nil
    }

    private static func check(
        _ text: String, _ origin: WorkflowIDOrigin, at path: JSONPath, findings: inout Findings
    ) -> (WorkflowID, WorkflowIDOrigin)? {
        if let id = WorkflowID(text) { return (id, origin) }
        findings.problem(.illegalWorkflowID(text), at: path)
        return nil
    }
}
