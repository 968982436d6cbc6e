import EventModel
import FoundationEssentials
import WorkflowDomain

/// The files that tests read: our own schemas and demonstrations, and other people's workflows where they are at hand.
enum Files {
    /// The root of the package, three levels above this file.
    static let root = directory(above: #filePath, levels: 4)

    static let demonstrations = root + "/Schemas/demo/workflows"
    static let eventSchemas = root + "/Schemas/events/workflow"

    /// Real workflows, not part of the project: named by LOCKSTEP_SAMPLES, or beside the checkout.
    static let samples =
        ProcessInfo.processInfo.environment["LOCKSTEP_SAMPLES"] ?? directory(above: root, levels: 1)
        + "/shared/samples/workflows"

    static var samplesArePresent: Bool { FileManager.default.fileExists(atPath: samples + "/MANIFEST.tsv") }

    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

    static func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    private static func directory(above path: String, levels: Int) -> String {
        "/" + path.split(separator: "/").dropLast(levels).joined(separator: "/")
    }
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
