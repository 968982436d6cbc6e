import EventModel

/// Tells formats apart by their structure, never by trying.
enum WorkflowDetection {
    /// The format, and where in the value the workflow is.
    static func detect(_ value: JSONValue) throws(WorkflowFormatError) -> (WorkflowFormat, WorkflowFrame) {
        guard let top = value.object else { throw .unrecognised(found: ["(\(value.kind))"]) }
        let candidates = [enveloped(top), answered(top), bare(top)].compactMap { $0 }
        guard let (format, frame) = candidates.first else { throw .unrecognised(found: top.keys) }
        guard candidates.count == 1 else { throw .ambiguous(candidates.map(\.0), found: top.keys) }
        if bareMarksClash(frame.state) {
            throw .ambiguous(
                [format == .yaml || format == .yamlFragment ? .state : format, .yaml], found: frame.state.keys)
        }
        try checkVersion(of: frame, format: format)
        return (format, frame)
    }

    /// `{state}` with or without a version, or with a workflow beside it.
    private static func enveloped(_ top: JSONObject) -> (WorkflowFormat, WorkflowFrame)? {
        guard let state = top["state"]?.object else { return nil }
        let frame = WorkflowFrame(
            state: state, path: .root["state"], envelope: top.removing(["state"]), workflow: top["workflow"]?.object)
        if frame.workflow != nil { return (.apiV2, frame) }
        return (top["version"] != nil || top["exportedAt"] != nil ? .export : .wrappedState, frame)
    }

    /// `{data:{state, workflow}}`.
    private static func answered(_ top: JSONObject) -> (WorkflowFormat, WorkflowFrame)? {
        guard let data = top["data"]?.object, let state = data["state"]?.object else { return nil }
        let frame = WorkflowFrame(
            state: state, path: .root["data"]["state"], envelope: data.removing(["state"]),
            workflow: data["workflow"]?.object)
        return (.apiV2, frame)
    }

    /// The blocks at the top.
    private static func bare(_ top: JSONObject) -> (WorkflowFormat, WorkflowFrame)? {
        let frame = WorkflowFrame(state: top, path: .root, envelope: JSONObject(), workflow: nil)
        switch top["blocks"] {
        case .array(let blocks)?:
            let serialized = blocks.contains { $0["config"] != nil || $0["metadata"] != nil }
            return serialized || top["connections"] != nil ? (.serialized, frame) : nil
        case .object(let blocks)?:
            if top["edges"] != nil {
                let whole = top["loops"] != nil || top["parallels"] != nil || top["metadata"] != nil
                return (whole ? .state : .legacyState, frame)
            }
            let isYAML = blocks.members.contains(where: { isYAMLBlock($0.value) })
            if isYAML { return (top["version"] == nil ? .yamlFragment : .yaml, frame) }
            return blocks.members.contains(where: { $0.value["subBlocks"] != nil }) ? (.legacyState, frame) : nil
        default: return nil
        }
    }

    private static func isYAMLBlock(_ block: JSONValue) -> Bool {
        block["subBlocks"] == nil && block["type"] != nil
            && (block["inputs"] != nil || block["connections"] != nil || block["name"] != nil)
    }

    /// Edges beside the blocks, and connections inside of them: whose word counts?
    private static func bareMarksClash(_ state: JSONObject) -> Bool {
        guard state["edges"]?.array?.isEmpty == false, let blocks = state["blocks"]?.object else { return false }
        return blocks.members.contains { $0.value["connections"]?.object?.isEmpty == false }
    }

    private static func checkVersion(of frame: WorkflowFrame, format: WorkflowFormat) throws(WorkflowFormatError) {
        let version: JSONValue?
        switch format {
        case .export, .apiV2: version = frame.envelope["version"]
        case .yaml: version = frame.state["version"]
        case .state, .wrappedState, .legacyState, .serialized, .yamlFragment: version = nil
        }
        guard let version, !version.isNull else { return }
        let text = version.string ?? String(decoding: version.compactBytes(), as: UTF8.self)
        guard ["1.0", "1"].contains(text) else { throw .unsupportedVersion(text, of: format) }
    }
}

/// Where in a file the workflow is, and what the file says around it.
struct WorkflowFrame {
    /// The state, or what stands for it.
    let state: JSONObject
    /// Its place.
    let path: JSONPath
    /// The fields beside the state.
    let envelope: JSONObject
    /// What API v2 says about the workflow.
    let workflow: JSONObject?

    /// The name beside the state.
    var name: String? { (workflow?["name"] ?? envelope["name"])?.string }

    /// The elements as the file has them.
    func draft(of format: WorkflowFormat, findings: inout Findings) -> Draft {
        var draft: Draft
        switch format {
        case .export, .apiV2, .state, .wrappedState, .legacyState:
            draft = StateReader.read(state, at: path, findings: &findings)
        case .serialized: draft = SerializedReader.read(state, findings: &findings)
        case .yaml, .yamlFragment: draft = ConnectionsReader.read(state, findings: &findings)
        }
        addEnvelope(to: &draft)
        return draft
    }

    /// The workflow's own words about itself win over the state's; nothing that is there is overwritten otherwise.
    private func addEnvelope(to draft: inout Draft) {
        for member in (workflow ?? JSONObject()).members where member.key != "id" && !member.value.isNull {
            draft.metadata[member.key] = member.value
        }
        for member in envelope.members {
            switch member.key {
            case "version", "workflow": break
            case "exportedAt": draft.metadata["exportedAt"] = draft.metadata["exportedAt"] ?? member.value
            case "name", "description": draft.metadata[member.key] = draft.metadata[member.key] ?? member.value
            case let key where Draft.stateFields.contains(key): break
            case let key: draft.extra[key] = draft.extra[key] ?? member.value
            }
        }
    }
}
