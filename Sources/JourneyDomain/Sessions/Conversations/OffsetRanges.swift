/// A set of offsets as disjoint ranges in order. Adding is commutative and idempotent, so rewinds may be learnt in any order.
struct OffsetRanges: Equatable, Sendable {
    private(set) var ranges: [Range<Int>] = []

    /// Whether every offset of `range` is in the set.
    func contains(_ range: Range<Int>) -> Bool {
        range.isEmpty || ranges.contains { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound }
    }

    /// Whether `offset` is in the set.
    func contains(_ offset: Int) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(offset)
    }

    /// Adds the offsets of `range`.
    mutating func insert(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        var merged = range
        var others: [Range<Int>] = []
        for other in ranges {
            if other.upperBound < merged.lowerBound || merged.upperBound < other.lowerBound {
                others.append(other)
            } else {
                merged =
                    min(merged.lowerBound, other.lowerBound)..<max(merged.upperBound, other.upperBound)
            }
        }
        let place = others.firstIndex { $0.lowerBound > merged.lowerBound } ?? others.endIndex
        others.insert(merged, at: place)
        ranges = others
    }
}
