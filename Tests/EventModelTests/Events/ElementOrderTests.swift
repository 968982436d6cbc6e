import EventModel
import Testing

@Suite("The order of elements") struct ElementOrderTests {
    private struct Element: Equatable {
        let id: ElementID
        let number: Int
    }

    @Test(arguments: [
        [], ["a"], ["a", "b", "c"], ["c", "b", "a"], ["b", "a", "b", "a"], ["a", "a", "b"],
        ["12345678b", "12345678a", "1234567", "12345678"], ["\u{E000}", "😀", "e\u{301}", "é", ""],
    ])
    func `is by id, and among the same ids as it was`(_ ids: [String]) {
        let elements = ids.enumerated().map { Element(id: ElementID($0.element), number: $0.offset) }
        let expected = elements.sorted { ($0.id, $0.number) < ($1.id, $1.number) }
        #expect(elements.ordered(by: \.id) == expected)
    }

    @Test func `of a set has every id once`() {
        #expect(["b", "a", "b"].map { ElementID($0) }.orderedSet == ["a", "b"])
        #expect(["a", "a"].map { ElementID($0) }.orderedSet == ["a"])
        #expect(["a", "b"].map { ElementID($0) }.orderedSet == ["a", "b"])
        #expect([ElementID]().orderedSet.isEmpty)
    }

    @Test func `of ids is that of their bytes, whatever their length`() {
        for length in 0..<20 {
            let text = String(repeating: "a", count: length)
            #expect(ElementID(text) < ElementID(text + "a") && ElementID(text + "a") != ElementID(text))
            for place in 0..<length {
                var letters = Array(text)
                letters[place] = "b"
                #expect(ElementID(text) < ElementID(String(letters)) && ElementID(text) != ElementID(String(letters)))
                #expect(!(ElementID(String(letters)) < ElementID(text)))
            }
        }
    }
}
