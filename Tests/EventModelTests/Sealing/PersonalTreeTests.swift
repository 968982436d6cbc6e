import EventModel
import FoundationEssentials
import Testing

@Suite("Personal values as a tree of their own") struct PersonalTreeTests {
    private static let shape = PersonalTree.Shape.members(
        [
            "name": .open,
            "items": .members([:], others: .members(["id": .open], others: .personal)),
            "steps": .elements(.members(["to": .open], others: .personal)),
        ], others: .personal)
    private static let hidden = SealedValue(subject: "workspace:w", key: "1", ciphertext: "AAAA").value
    private static let value: JSONValue = [
        "name": "n", "note": "SECRET", "gone": .null,
        "items": ["a": ["id": "a", "text": ["SECRET"]], "b": ["id": "b"]],
        "steps": [["to": "a"], ["to": "b", "when": "SECRET"], ["to": "c", "why": .null]],
    ]

    @Test func `with no gaps even the keys are gone`() {
        let parts = PersonalTree(Self.shape, leaving: .nothing).part(Self.value)
        #expect(
            parts.open
                == [
                    "name": "n", "items": ["a": ["id": "a"], "b": ["id": "b"]],
                    "steps": [["to": "a"], ["to": "b"], ["to": "c"]],
                ])
        #expect(
            parts.personal
                == [
                    "note": "SECRET", "gone": .null, "items": ["a": ["text": ["SECRET"]]],
                    "steps": [.null, ["when": "SECRET"], ["why": .null]],
                ])
    }

    @Test func `with gaps of null the places are seen, and what is null already is not personal`() {
        let parts = PersonalTree(Self.shape, leaving: .null).part(Self.value)
        #expect(
            parts.open
                == [
                    "name": "n", "note": .null, "gone": .null,
                    "items": ["a": ["id": "a", "text": .null], "b": ["id": "b"]],
                    "steps": [["to": "a"], ["to": "b", "when": .null], ["to": "c", "why": .null]],
                ])
        #expect(
            parts.personal
                == [
                    "note": "SECRET", "items": ["a": ["text": ["SECRET"]]],
                    "steps": [.null, ["when": "SECRET"], .null],
                ])
    }

    @Test(arguments: [PersonalTree.Gap.null, .nothing])
    func `what was parted is joined again`(_ gap: PersonalTree.Gap) {
        let tree = PersonalTree(Self.shape, leaving: gap)
        for value: JSONValue in [Self.value, [:], ["name": "n"], ["steps": []], ["items": 7], ["steps": "x"], 7, .null]
        {
            let parts = tree.part(value)
            #expect(tree.join(parts.open, parts.personal).canonicalBytes() == value.canonicalBytes())
        }
    }

    @Test func `a value that is personal as a whole leaves nothing behind`() {
        for gap in [PersonalTree.Gap.null, .nothing] {
            let tree = PersonalTree(.personal, leaving: gap)
            #expect(tree.part(["a": 1]) == (.null, ["a": 1]) && tree.join(.null, ["a": 1]) == ["a": 1])
        }
    }

    @Test(arguments: [hidden, SealedValue.erased(subject: "workspace:w")])
    func `a hidden tree shows in the gaps that are seen, and nowhere else`(_ hidden: JSONValue) {
        let seen = PersonalTree(Self.shape, leaving: .null)
        #expect(
            seen.join(seen.part(Self.value).open, hidden)
                == [
                    "name": "n", "note": hidden, "gone": hidden,
                    "items": ["a": ["id": "a", "text": hidden], "b": ["id": "b"]],
                    "steps": [["to": "a"], ["to": "b", "when": hidden], ["to": "c", "why": hidden]],
                ])
        let unseen = PersonalTree(Self.shape, leaving: .nothing)
        let open = unseen.part(Self.value).open
        #expect(unseen.join(open, hidden) == open)
    }

    @Test func `a personal value cannot take an open one's place, nor one that is not there`() {
        let open: JSONValue = ["name": "n", "items": ["a": ["id": "a"]], "steps": [["to": "a"]]]
        let forged: JSONValue = [
            "name": "m", "items": ["a": ["id": "z"], "x": ["text": 1]], "steps": [["to": "z"], ["when": 1]],
        ]
        #expect(PersonalTree(Self.shape, leaving: .nothing).join(open, forged) == open)
        #expect(PersonalTree(Self.shape, leaving: .null).join(open, forged) == open)
        #expect(PersonalTree(Self.shape, leaving: .null).join(open, ["note": 1]) == open)
    }

    @Test func `a hidden form deep inside is a value like any other`() {
        let tree = PersonalTree(.members([:], others: .members(["open": .open], others: .personal)), leaving: .nothing)
        let value: JSONValue = ["$sealed": ["open": 1, "ct": "a", "key": "b", "subject": "c"], "x": ["open": 2]]
        let parts = tree.part(["outer": value, "other": ["open": 1]])
        #expect(tree.join(parts.open, parts.personal) == ["outer": value, "other": ["open": 1]])
    }

    @Test(arguments: [0, 1, 2, 3, 1_000, 100_001])
    func `no sealed value is larger than was reckoned`(_ count: Int) throws {
        let value: JSONValue = ["note": .string(String(repeating: "x", count: count))]
        let tree = PersonalTree(.members([:], others: .personal), leaving: .nothing)
        let workspace = try Workspace(String(repeating: "w", count: 64))
        var random = SystemRandomNumberGenerator()
        let id = SubjectKeyID(workspace: workspace, subject: .workspace(workspace), generation: .max)
        let place = SealedPlace(workspace: workspace, event: UUID(), path: .root["values"])
        let sealed = try SubjectKey(id, using: &random).seal(value, at: place).value
        let bytes = sealed.canonicalBytes().count + tree.part(value).open.canonicalBytes().count
        #expect((bytes...bytes + 512).contains(tree.storedBytes(of: value)))
    }
}
