import Testing

@Suite("The published recipe") struct ConsumerRecipeTests {
    private static func verdicts(_ chain: [(Int64, Int64)]) -> [ConsumerRecipe.Verdict] {
        var recipe = ConsumerRecipe()
        return chain.enumerated().map { offset, link in
            recipe.receive(offset: Int64(offset), previous: "\(link.0)", position: "\(link.1)")
        }
    }

    @Test func `a chain is handled link by link`() {
        #expect(Self.verdicts([(0, 3), (3, 4), (4, 9)]) == [.handle, .handle, .handle])
    }

    @Test func `what comes again, or early, is ignored until its turn`() {
        #expect(
            Self.verdicts([(0, 3), (4, 9), (0, 3), (3, 4), (4, 9)]) == [.handle, .ignore, .ignore, .handle, .handle])
    }

    @Test func `a partition without its beginning is an early one`() {
        #expect(Self.verdicts([(3, 4)]) == [.ignore])
    }

    @Test func `a link that jumps over the last one is of another history`() {
        #expect(Self.verdicts([(0, 3), (2, 5)]) == [.handle, .alarm])
    }

    @Test(arguments: [nil, "", "x", "-1", "+1", "1 ", "99999999999999999999"]) func `what is not ours is ignored`(
        _ number: String?
    ) {
        var recipe = ConsumerRecipe()
        let verdicts = [
            recipe.receive(offset: 0, previous: number, position: "4"),
            recipe.receive(offset: 1, previous: "0", position: number),
        ]
        #expect(verdicts == [.ignore, .ignore])
    }

    @Test func `a hole is sought from the oldest record once`() {
        var recipe = ConsumerRecipe()
        func early() -> ConsumerRecipe.Verdict { recipe.receive(offset: 1, previous: "2", position: "3") }
        let first = recipe.receive(offset: 0, previous: "0", position: "1")
        let seeks = [
            recipe.reachedEnd(), early() == .ignore && recipe.reachedEnd(), early() == .ignore && recipe.reachedEnd(),
        ]
        #expect(first == .handle)
        #expect(seeks == [false, true, false])
    }
}
