import EventModel
import EventSourcingTesting
import FoundationEssentials
import WorkflowDomain

/// Other people's workflows, not part of the project: named by LOCKSTEP_SAMPLES, or beside the checkout.
enum RealWorkflows {
    static let directory =
        ProcessInfo.processInfo.environment["LOCKSTEP_SAMPLES"]
        ?? ProjectFiles.besideCheckout("shared/samples/workflows")

    static let manifest = directory + "/MANIFEST.tsv"

    static var arePresent: Bool { ProjectFiles.exists(manifest) }
}

/// Reads a text as a workflow file.
func read(
    _ text: String, name: String = "file.json", chosenID: String? = nil, knownTypesOnly: Bool = false
) throws(WorkflowFormatError) -> WorkflowReading {
    try WorkflowFile.read(Array(text.utf8), name: name, chosenID: chosenID, knownTypesOnly: knownTypesOnly)
}

/// Reads a value as a workflow file.
func read(_ value: JSONValue, name: String = "file.json") throws(WorkflowFormatError) -> WorkflowReading {
    try WorkflowFile.read(value.compactBytes(), name: name)
}

/// A state with the given parts.
func state(_ blocks: JSONValue, edges: JSONValue = [], loops: JSONValue = [:], parallels: JSONValue = [:]) -> JSONValue
{
    ["blocks": blocks, "edges": edges, "loops": loops, "parallels": parallels]
}

/// A block of a state.
func block(_ id: String, _ type: String = "function", parent: String? = nil) -> JSONValue {
    var object = JSONObject([
        .init(key: "id", value: .string(id)), .init(key: "type", value: .string(type)),
        .init(key: "name", value: .string(id)), .init(key: "position", value: ["x": 0, "y": 0]),
        .init(key: "subBlocks", value: [:]), .init(key: "outputs", value: [:]), .init(key: "enabled", value: true),
    ])
    if let parent { object["data"] = ["parentId": .string(parent), "extent": "parent"] }
    return .object(object)
}

/// An edge of a state.
func edge(_ id: String, _ source: String, _ target: String, _ handle: String? = nil) -> JSONValue {
    var object = JSONObject([
        .init(key: "id", value: .string(id)), .init(key: "source", value: .string(source)),
        .init(key: "target", value: .string(target)),
    ])
    object["sourceHandle"] = handle.map(JSONValue.string)
    return .object(object)
}
