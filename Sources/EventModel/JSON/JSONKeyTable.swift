/// The keys of all open objects, as hash and place, to find a key that one object names twice.
///
/// An entry is one word: the hash above, the offset of the opening quote (31 bits) below. Small objects are compared
/// pairwise when they close. Wide ones are sorted, and where hashes meet, sorted again by what the keys spell: an
/// attacker who makes all hashes equal gains a logarithm, not a square.
struct JSONKeyTable: ~Copyable {
    static let inlineCapacity = 128
    /// Up to this many keys, comparing every pair is cheaper than sorting.
    private static let pairwiseLimit = 16

    private let text: UnsafePointer<UInt8>
    private var entries: UnsafeMutablePointer<UInt64>
    private var capacity = inlineCapacity
    private var onHeap = false
    private(set) var count = 0

    init(text: UnsafePointer<UInt8>, inline: UnsafeMutablePointer<UInt64>) {
        self.text = text
        entries = inline
    }

    /// Frees what a very wide document made it allocate. To be called once, last.
    mutating func release() {
        if onHeap { entries.deallocate() }
        onHeap = false
    }

    @inline(__always)
    mutating func append(hash: UInt32, at offset: Int) {
        if count == capacity { grow() }
        entries[count] = UInt64(hash) << 32 | UInt64(truncatingIfNeeded: offset)
        count += 1
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity * 4)
        larger.update(from: entries, count: count)
        release()
        (entries, capacity, onHeap) = (larger, capacity * 4, true)
    }

    /// Forgets the keys from `firstKey` on, after making sure that no two of them are the same.
    @inline(__always)
    mutating func closeObject(firstKey: Int) throws(JSONFlaw) {
        let width = count - firstKey
        count = firstKey
        guard width > 1 else { return }
        let keys = UnsafeMutableBufferPointer(start: entries + firstKey, count: width)
        guard let offset = width <= Self.pairwiseLimit ? pairwise(keys) : sorted(keys) else { return }
        throw .duplicateKey(JSONStringContent.string(text, openingQuote: offset), at: offset)
    }

    @inline(__always)
    private func pairwise(_ keys: UnsafeMutableBufferPointer<UInt64>) -> Int? {
        for later in 1..<keys.count {
            let hash = keys[later] >> 32
            for earlier in 0..<later where keys[earlier] >> 32 == hash {
                if spell(keys[earlier], comparedWith: keys[later]) == 0 { return Self.offset(keys[later]) }
            }
        }
        return nil
    }

    /// The first later occurrence of a key named twice.
    private func sorted(_ unordered: UnsafeMutableBufferPointer<UInt64>) -> Int? {
        var keys = unordered
        keys.sort()
        var found: Int?
        var runStart = 0
        for index in 1...keys.count where index == keys.count || keys[index] >> 32 != keys[runStart] >> 32 {
            if index - runStart > 1, let offset = firstRepeat(in: keys, runStart..<index) {
                found = min(found ?? offset, offset)
            }
            runStart = index
        }
        return found
    }

    private func firstRepeat(in keys: UnsafeMutableBufferPointer<UInt64>, _ run: Range<Int>) -> Int? {
        let meeting = keys[run].sorted { left, right in
            let order = spell(left, comparedWith: right)
            return order == 0 ? left < right : order < 0
        }
        var found: Int?
        for (left, right) in zip(meeting, meeting.dropFirst()) where spell(left, comparedWith: right) == 0 {
            found = min(found ?? .max, Self.offset(right))
        }
        return found
    }

    private static func offset(_ entry: UInt64) -> Int { Int(entry & 0x7FFF_FFFF) }

    /// Compares what two keys spell, byte by byte with escapes resolved.
    private func spell(_ left: UInt64, comparedWith right: UInt64) -> Int {
        var left = JSONStringContent(text: text, openingQuote: Self.offset(left))
        var right = JSONStringContent(text: text, openingQuote: Self.offset(right))
        while true {
            let (leftByte, rightByte) = (left.next().map(Int.init) ?? -1, right.next().map(Int.init) ?? -1)
            if leftByte != rightByte { return leftByte - rightByte }
            if leftByte < 0 { return 0 }
        }
    }
}

/// The hash of a key: only to find candidates, so speed counts and quality matters little.
struct JSONKeyHash {
    private var state: UInt64 = 0x243F_6A88_85A3_08D3

    @inline(__always)
    mutating func mix(_ word: UInt64) {
        state = (state ^ word) &* 0x9E37_79B9_7F4A_7C15
        state ^= state >> 29
    }

    /// Mixes the last, incomplete word of `count` bytes and answers the hash.
    @inline(__always)
    mutating func finish(_ word: UInt64, count: Int) -> UInt32 {
        mix(word ^ UInt64(truncatingIfNeeded: count) << 56)
        return UInt32(truncatingIfNeeded: state >> 32)
    }
}
