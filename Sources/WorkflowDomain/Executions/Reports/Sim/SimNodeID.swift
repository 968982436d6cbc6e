import EventModel

/// Sim's names of nodes at run time: the block's id with marks of the branch that it is copied for.
enum SimNodeID {
    /// The id of the block in the definition: without `__obranch-N`, `__clone<hex>` and a last `₍N₎`.
    static func block(_ node: String) -> ElementID {
        var text = node[...]
        var stripped = ""
        while let mark = nextMark(in: text) {
            stripped += text[..<mark.lowerBound]
            text = text[mark.upperBound...]
        }
        return ElementID(withoutSubscript(stripped + text))
    }

    private static func nextMark(in text: Substring) -> Range<Substring.Index>? {
        var rest = text
        while let start = rest.firstIndex(of: "_") {
            let candidate = rest[start...]
            if let end = markEnd(candidate, "__obranch-", isPart: isDigit) { return start..<end }
            if let end = markEnd(candidate, "__clone", isPart: isHexadecimal) { return start..<end }
            rest = candidate.dropFirst()
        }
        return nil
    }

    private static func markEnd(
        _ text: Substring, _ mark: String, isPart: (Character) -> Bool
    ) -> Substring.Index? {
        guard text.hasPrefix(mark) else { return nil }
        let part = text.dropFirst(mark.count).prefix(while: isPart)
        return part.isEmpty ? nil : part.endIndex
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }

    private static func isHexadecimal(_ character: Character) -> Bool {
        isDigit(character) || ("a"..."f").contains(character) || ("A"..."F").contains(character)
    }

    /// Without a last `₍N₎`.
    private static func withoutSubscript(_ text: String) -> String {
        guard text.last == "₎", let open = text.lastIndex(of: "₍") else { return text }
        let number = text[text.index(after: open)...].dropLast()
        return !number.isEmpty && number.allSatisfy(isDigit) ? String(text[..<open]) : text
    }
}
