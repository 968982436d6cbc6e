import EventModel
import EventSourcingTesting
import Testing

@testable import Reconciliation

@Suite struct `A path of a field` {
    private static let names = [
        "pay", "a/b", "~", "~1", "/", "", "*", "**", "über", "u\u{308}ber", "x y", "\u{301}x", "x\u{600}",
    ]

    @Test func `is read as it was written, whatever its names hold`() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let names = (0..<random.below(4)).map { _ in ElementID(Self.names[random.below(Self.names.count)]) }
            let path = FieldPath(FieldPath.Root.allCases[random.below(6)], names)
            #expect(try FieldPath(path.description) == path)
        }
    }

    @Test func `comes before what is inside of it, and names are compared by their bytes`() throws {
        let paths = ["status", "steps/a", "variables/a", "variables/a/b", "variables/a/c", "variables/b", "error"]
        let read = try paths.map { text throws(FieldPathFlaw) in try FieldPath(text) }
        #expect(read.shuffled().sorted() == read)
        #expect(FieldPath.step(ElementID("über")) != .step(ElementID("u\u{308}ber")))
    }

    @Test func `tells its field from the member of its data`() throws {
        let path = try FieldPath("variables/customer/address/city")
        #expect(path.field.description == "variables/customer")
        #expect(path.members.map(\.text) == ["address", "city"])
        #expect(try FieldPath("error/code").field.description == "error")
        #expect(try FieldPath("status").members.isEmpty)
    }

    @Test func `that is none says what is wrong and what is allowed`() {
        #expect(throws: FieldPathFlaw.unknownRoot("step")) { try FieldPath("step/pay") }
        #expect(throws: FieldPathFlaw.unknownRoot("")) { try FieldPath("") }
        #expect(throws: FieldPathFlaw.badEscape("steps/a~2")) { try FieldPath("steps/a~2") }
        #expect(throws: FieldPathFlaw.badEscape("steps/a~")) { try FieldPath("steps/a~") }
        #expect(FieldPathFlaw.unknownRoot("step").description.contains("status, steps, variables"))
    }
}

@Suite struct `A pattern of paths` {
    @Test func `overlaps another one when some field is meant by both`() throws {
        let patterns = [
            "**", "status", "steps/*", "steps/**", "steps/ask", "steps/pay", "variables/*", "variables/v",
            "variables/v/a", "variables/*/a", "variables/v/**", "variables/*/*/b", "variables/**", "inputs/ask",
        ]
        let paths = [
            "status", "steps/ask", "steps/pay", "steps/x", "variables/v", "variables/w", "variables/v/a",
            "variables/w/a", "variables/v/c", "variables/v/a/b", "variables/w/c/b", "inputs/ask",
        ].map { try? FieldPath($0) }.compactMap(\.self)
        #expect(paths.count == 12)
        for left in patterns {
            for right in patterns {
                let (one, other) = (try PathPattern(left), try PathPattern(right))
                let both = paths.filter { one.matches($0) && other.matches($0) }
                #expect(one.overlaps(other) == !both.isEmpty, "\(left) and \(right)")
                #expect(one.overlaps(other) == other.overlaps(one), "\(left) and \(right)")
            }
        }
    }

    @Test func `that is open means no less for naming what every field has`() throws {
        #expect(try PathPattern("variables/*/**").covers(PathPattern("variables/**")))
        #expect(try PathPattern("steps/*").overlaps(PathPattern("steps/**")))
    }

    @Test(arguments: ["steps", "variables", "status/x", "steps/a/b", "steps/a/b/**", "status/x/**", "inputs"])
    func `that means no field is refused`(_ text: String) {
        #expect(throws: PathPatternFlaw.meansNothing(text)) { try PathPattern(text) }
    }

    @Test(arguments: ["status/**", "steps/**", "steps/*/**", "error", "error/message", "outputs/*/**"])
    func `that means something is read`(_ text: String) throws {
        #expect(try PathPattern(text).description == text)
    }

    private func matches(_ pattern: String, _ path: String) throws -> Bool {
        try PathPattern(pattern).matches(try FieldPath(path))
    }

    @Test(arguments: [
        ("**", "status", true), ("**", "variables/a/b", true), ("status", "status", true),
        ("steps/*", "steps/pay", true),
        ("steps/pay", "steps/pay", true), ("steps/pay", "steps/ship", false), ("variables/*", "variables/a/b", false),
        ("variables/**", "variables/a/b", true), ("variables/a/**", "variables/a", true),
        ("variables/*/city", "variables/home/city", true), ("variables/*/city", "variables/home/street", false),
        ("error/**", "error", true), ("steps/a~1b", "steps/a~1b", true), ("inputs/*", "outputs/a", false),
    ])
    func `means the fields that it spells`(_ pattern: String, _ path: String, _ isMeant: Bool) throws {
        #expect(try matches(pattern, path) == isMeant)
        #expect(try PathPattern(PathPattern(pattern).description) == PathPattern(pattern))
    }

    @Test func `covers another one exactly when it means all that the other means`() throws {
        let patterns = try ["**", "steps/*", "steps/pay", "variables/**", "variables/*", "variables/a/**", "status"].map
        {
            text throws(PathPatternFlaw) in try PathPattern(text)
        }
        let paths = try [
            "status", "steps/pay", "steps/x", "variables/a", "variables/b", "variables/a/b", "variables/c/d",
        ]
        .map { text throws(FieldPathFlaw) in try FieldPath(text) }
        for wide in patterns {
            for narrow in patterns where wide.covers(narrow) {
                #expect(paths.allSatisfy { !narrow.matches($0) || wide.matches($0) }, "\(wide) \(narrow)")
            }
        }
        #expect(patterns[3].covers(patterns[5]) && !patterns[4].covers(patterns[5]) && !patterns[1].covers(patterns[0]))
    }

    @Test func `that is none says why`() {
        #expect(throws: PathPatternFlaw.openInside("variables/**/city")) { try PathPattern("variables/**/city") }
        #expect(throws: PathPatternFlaw.path(.unknownRoot("*"))) { try PathPattern("*") }
        #expect(throws: PathPatternFlaw.path(.unknownRoot("var"))) { try PathPattern("var/**") }
    }
}
