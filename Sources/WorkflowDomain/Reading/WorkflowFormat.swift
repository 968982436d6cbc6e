/// The formats that workflows come in.
public enum WorkflowFormat: String, Sendable, CaseIterable, Equatable {
    /// `{version:"1.0", exportedAt, state}`: the editor's export.
    case export = "sim-export-1.0"
    /// `{data:{version, exportedAt, workflow, state}}`: the answer of the public API.
    case apiV2 = "sim-api-v2"
    /// `{blocks, edges, loops, parallels, …}`: the state alone.
    case state = "sim-state"
    /// `{state}`, without a version.
    case wrappedState = "sim-state-wrapped"
    /// `{blocks, edges}` without loops and parallels.
    case legacyState = "sim-state-legacy"
    /// `{blocks:[…], connections:[…]}`: what the executor runs.
    case serialized = "sim-serialized"
    /// `{version:"1.0", blocks:{id:{type, name, inputs, connections}}}`, as YAML or JSON.
    case yaml = "sim-yaml-1.0"
    /// The same without a version: a part of a workflow, whose connections may lead outside.
    case yamlFragment = "sim-yaml-fragment"
}
