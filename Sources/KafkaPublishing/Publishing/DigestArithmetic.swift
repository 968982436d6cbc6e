import EventModel

extension CompletenessDigest {
    /// The digest of two disjoint parts together.
    func adding(_ other: CompletenessDigest) -> CompletenessDigest { combined(with: other, subtracting: false) }

    /// The digest without a part of it.
    func subtracting(_ other: CompletenessDigest) -> CompletenessDigest { combined(with: other, subtracting: true) }

    /// Addition or subtraction modulo 2²⁵⁶, byte by byte from the least significant one.
    private func combined(with other: CompletenessDigest, subtracting: Bool) -> CompletenessDigest {
        var sum = bytes
        let operand = other.bytes
        var carry = subtracting ? 1 : 0
        for index in sum.indices.reversed() {
            let byte = subtracting ? Int(~operand[index]) : Int(operand[index])
            let total = Int(sum[index]) + byte + carry
            sum[index] = UInt8(truncatingIfNeeded: total)
            carry = total >> 8
        }
        return CompletenessDigest(bytes: sum) ?? self
    }

    /// The digest of a batch.
    init(of events: EventBatch) {
        self.init()
        for event in events { add(event) }
    }
}
