import EventModel

extension JSONValue {
    /// The first place where two values differ, with both sides; `nil` when they are equal.
    func firstDifference(from other: JSONValue, at path: JSONPath = .root) -> String? {
        switch (self, other) {
        case (.object(let left), .object(let right)) where left.keys == right.keys:
            for key in left.keys {
                guard let mine = left[key], let theirs = right[key] else { continue }
                if let found = mine.firstDifference(from: theirs, at: path[key]) { return found }
            }
            return nil
        case (.array(let left), .array(let right)) where left.count == right.count:
            for (index, pair) in zip(left, right).enumerated() {
                if let found = pair.0.firstDifference(from: pair.1, at: path[index]) { return found }
            }
            return nil
        case _ where self == other: return nil
        default:
            let texts = [self, other].map { String(decoding: $0.compactBytes().prefix(300), as: UTF8.self) }
            return "\(path): \(texts[0]) instead of \(texts[1])"
        }
    }
}
