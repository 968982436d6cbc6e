/// The recipe of `Schemas/kafka/consumer-rule.md` for one partition, written from that page and from nothing else.
struct ConsumerRecipe: Sendable {
    enum Verdict: Hashable, Sendable {
        case handle
        /// Not ours, repeated, or early.
        case ignore
        /// Another history or another number of partitions.
        case alarm
    }

    /// `ls_position` of the last accepted record; `nil` until there is one.
    private(set) var last: Int64?
    private var hasHole = false
    /// The value of `last` for which the oldest record was sought already.
    private var soughtFor: Int64?

    mutating func receive(offset: Int64, previous: String?, position: String?) -> Verdict {
        guard let previous = Self.decimal(previous), let position = Self.decimal(position), previous < position else {
            return .ignore
        }
        if last == nil, offset == 0 { last = 0 }
        if last == nil || previous == last {
            last = position
            return .handle
        }
        let last = last ?? 0
        if position <= last { return .ignore }
        if previous > last {
            hasHole = true
            return .ignore
        }
        return .alarm
    }

    /// The end of the partition.
    ///
    /// - Returns: whether to go on from the oldest record.
    mutating func reachedEnd() -> Bool {
        guard hasHole, soughtFor == nil || soughtFor != last else { return false }
        hasHole = false
        soughtFor = last
        return true
    }

    private static func decimal(_ text: String?) -> Int64? {
        guard let text, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }
}
