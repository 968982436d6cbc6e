import EventModel
import EventSourcingTesting
import Foundation
import Testing

@testable import SchemaChecking

@Suite struct `A released event schema` {
    /// A schema with something of everything.
    static let released: JSONValue = [
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "order.placed", "description": "Placed.",
        "type": "object",
        "properties": [
            "id": ["type": "string", "minLength": 1, "maxLength": 20],
            "note": ["type": ["string", "null"], "x-personal": "$workspace"],
            "state": ["enum": ["open", "closed"]],
            "lines": ["type": "array", "items": ["$ref": "#/$defs/line"]],
            "extra": ["type": "integer", "minimum": 0],
            "who": ["anyOf": [["type": "string"], ["type": "null"]]],
        ],
        "required": ["id", "state", "lines"], "additionalProperties": false,
        "$defs": [
            "line": [
                "type": "object",
                "properties": [
                    "n": ["type": "integer"], "parts": ["type": "array", "items": ["$ref": "#/$defs/line"]],
                ],
                "required": ["n"], "additionalProperties": false,
            ]
        ],
    ]
    static let sample: JSONValue = [
        "id": "a", "note": "n", "state": "open", "lines": [["n": 1], ["n": 2, "parts": [["n": 3]]]], "extra": 1,
    ]

    private static func tree(_ files: [String: JSONValue]) -> SchemaTree {
        SchemaTree(files.mapValues { $0.compactBytes() })
    }

    /// What is said when the released files become these.
    static func objections(
        _ schema: JSONValue, _ sample: JSONValue = sample, more: [String: JSONValue] = [:]
    ) -> [Objection] {
        let before = tree(["order/placed.v1.json": released, "order/placed.v1.sample.json": Self.sample])
        let files = ["order/placed.v1.json": schema, "order/placed.v1.sample.json": sample]
        return TreeComparison(released: before, current: tree(files.merging(more) { $1 })).objections()
    }

    /// The released schema with the value at a path put in, or taken away.
    static func changed(_ path: [String], _ value: JSONValue?) -> JSONValue { change(released, path[...], value) }

    private static func change(_ tree: JSONValue, _ path: ArraySlice<String>, _ value: JSONValue?) -> JSONValue {
        guard let key = path.first, let object = tree.object else { return value ?? tree }
        guard path.count == 1, value == nil else {
            var object = object
            object[key] = path.count == 1 ? value : change(object[key] ?? [:], path.dropFirst(), value)
            return .object(object)
        }
        return .object(object.removing([key]))
    }

    @Test func `stays as it is without objection`() {
        #expect(Self.objections(Self.released) == [])
    }

    static let additions: [(String, JSONValue)] = [
        ("an optional property", changed(["properties", "colour"], ["type": "string"])),
        (
            "an optional personal property",
            changed(["properties", "mail"], ["type": "string", "x-personal": "$workspace"])
        ),
        ("an optional property deep inside", changed(["$defs", "line", "properties", "unit"], ["type": "string"])),
        ("better words", changed(["properties", "id", "description"], "The id.")),
        ("other words for the whole", changed(["description"], "An order was placed.")),
        (
            "the same by a reference",
            changed(["$defs", "id"], ["type": "string", "minLength": 1, "maxLength": 20]).with(
                ["properties", "id"], ["$ref": "#/$defs/id"])
        ),
        ("types in another order", changed(["properties", "note", "type"], ["null", "string"])),
    ]

    @Test(arguments: additions.indices) func `may gain what readers pass over`(_ index: Int) {
        #expect(Self.objections(Self.additions[index].1) == [], "\(Self.additions[index].0)")
    }

    static let breaches: [(schema: JSONValue, place: String, reason: String)] = [
        (changed(["properties", "extra"], nil), "extra", "dropped or renamed"),
        (changed(["properties", "extra", "type"], "string"), "extra", "which readers of this version do not take"),
        (changed(["properties", "note", "type"], "string"), "note", "which readers"),
        (changed(["required"], ["id", "state", "lines", "extra"]), "extra", "was optional and is required now"),
        (changed(["required"], ["id", "lines"]), "state", "was required and is optional now"),
        (
            changed(["properties", "colour"], ["type": "string"]).with(
                ["required"], ["id", "state", "lines", "colour"]), "colour", "new and required"
        ),
        (changed(["properties", "state", "enum"], ["open"]), "state", "may no longer be what it could be"),
        (changed(["properties", "state", "enum"], ["open", "closed", "lost"]), "state", "do not know"),
        (changed(["properties", "note", "x-personal"], nil), "note", "x-personal"),
        (changed(["properties", "note", "x-personal"], "subject"), "note", "x-personal"),
        (changed(["properties", "id", "x-personal"], "$workspace"), "id", "x-personal"),
        (changed(["properties", "id", "maxLength"], 10), "id", "maxLength"),
        (changed(["properties", "id", "maxLength"], nil), "id", "maxLength"),
        (changed(["properties", "id", "pattern"], "^a"), "id", "pattern"),
        (changed(["properties", "lines", "items"], nil), "lines", "no items"),
        (changed(["$defs", "line", "properties", "n", "type"], "number"), "lines[].n", "which readers"),
        (changed(["$defs", "line", "required"], []), "lines[].n", "was required"),
        (changed(["properties", "who", "anyOf"], [["type": "string"]]), "who", "alternatives"),
        (changed(["additionalProperties"], true), "*", "another schema"),
        (changed(["additionalProperties"], nil), "", "no additionalProperties"),
        (changed(["title"], "order.made"), "", "title"),
    ]

    @Test(arguments: breaches.indices) func `may not become what readers cannot take`(_ index: Int) {
        let (schema, place, reason) = Self.breaches[index]
        let found = Self.objections(schema).filter { $0.file == "order/placed.v1.json" && $0.place == place }
        #expect(found.contains { $0.reason.contains(reason) }, "\(place) \(reason): \(Self.objections(schema))")
        #expect(found.allSatisfy { $0.cure == "add order/placed.v2.json with a sample and an upcaster instead" })
    }

    @Test func `is never removed, nor is its sample`() {
        let before = Self.tree(["order/placed.v1.json": Self.released, "order/placed.v1.sample.json": Self.sample])
        let gone = TreeComparison(released: before, current: Self.tree([:])).objections()
        #expect(gone.map(\.file) == ["order/placed.v1.json", "order/placed.v1.sample.json"])
        #expect(gone.allSatisfy { $0.reason.contains("is gone") })
        let alone = TreeComparison(released: before, current: Self.tree(["order/placed.v1.json": Self.released]))
            .objections()
        #expect(alone.count == 2)
    }

    @Test(
        arguments: [
            (
                [
                    "id": "b", "note": "n", "state": "open", "lines": [["n": 1], ["n": 2, "parts": [["n": 3]]]],
                    "extra": 1,
                ], "id"
            ),
            (["id": "a", "note": "n", "state": "open", "lines": [["n": 1], ["n": 2, "parts": [["n": 3]]]]], "extra"),
            (["id": "a", "note": "n", "state": "open", "lines": [["n": 1]], "extra": 1], "lines"),
            (
                [
                    "id": "a", "note": .null, "state": "open", "lines": [["n": 1], ["n": 2, "parts": [["n": 4]]]],
                    "extra": 1,
                ], "lines[1].parts[0].n"
            ),
        ] as [(JSONValue, String)])
    func `has a sample whose values stay`(_ sample: JSONValue, _ place: String) {
        let found = Self.objections(Self.released, sample)
        #expect(found.contains { $0.file == "order/placed.v1.sample.json" && $0.place == place }, "\(found)")
    }

    @Test func `has a sample that may gain what the schema has gained`() {
        let schema = Self.changed(["properties", "colour"], ["type": "string"])
        let sample = Self.sample.with(["colour"], "red")
        #expect(Self.objections(schema, sample) == [])
        #expect(Self.objections(Self.released, sample).map(\.place) == ["colour"])
    }

    @Test func `gets a version behind it when readers must be told apart`() {
        let next = Self.changed(["properties", "extra"], nil)
        let sample = Self.sample.object.map { JSONValue.object($0.removing(["extra"])) } ?? [:]
        let files = ["order/placed.v2.json": next, "order/placed.v2.sample.json": sample]
        #expect(Self.objections(Self.released, more: files) == [])
        #expect(Self.objections(Self.released, more: ["order/placed.v2.json": next]).map(\.reason) == ["has no sample"])
        let skipped = ["order/placed.v3.json": next, "order/placed.v3.sample.json": sample]
        #expect(Self.objections(Self.released, more: skipped).map(\.reason) == ["follows no version 2"])
        let unfit = ["order/placed.v2.json": next, "order/placed.v2.sample.json": Self.sample]
        #expect(Self.objections(Self.released, more: unfit).map(\.place) == ["extra"])
    }

    @Test func `that is not JSON, or not called as one, is said to be so`() {
        let tree = SchemaTree([
            "order/placed.v1.json": Array("{".utf8), "order/notes.txt": [], "placed.v1.json": Array("{}".utf8),
        ])
        #expect(tree.objections.count == 3)
    }

    @Test func `of this project is what its own samples fit, every keyword of it known`() throws {
        let tree = try SchemaTree(folder: ProjectFiles.path("Schemas/events"))
        #expect(tree.files.count > 180)
        #expect(TreeComparison(released: tree, current: tree).objections() == [])
    }
}

extension JSONValue {
    /// The same with the value at a path put in.
    fileprivate func with(_ path: [String], _ value: JSONValue) -> JSONValue {
        guard let key = path.first, var object else { return value }
        object[key] = path.count == 1 ? value : (object[key] ?? [:]).with(Array(path.dropFirst()), value)
        return .object(object)
    }
}
