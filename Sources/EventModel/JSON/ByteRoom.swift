/// Bytes in a row, to be appended to; the one owner has them without asking whether somebody else does.
///
/// An array asks that, and for its room, at each append, and JSON is written in pieces of a few bytes: this is the difference between
/// writing and digesting at 0.3 and at 0.6 GB/s.
struct ByteRoom: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    /// Room for `capacity` bytes at first.
    init(capacity: Int) {
        self.capacity = max(capacity, 16)
        start = .allocate(capacity: self.capacity)
    }

    deinit { start.deallocate() }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        if count == capacity { grow(by: 1) }
        start[count] = byte
        count += 1
    }

    @inline(__always)
    mutating func append(_ run: UnsafeBufferPointer<UInt8>) {
        guard let from = run.baseAddress, !run.isEmpty else { return }
        if capacity - count < run.count { grow(by: run.count) }
        (start + count).update(from: from, count: run.count)
        count += run.count
    }

    func withBytes<Answer>(_ body: (UnsafeBufferPointer<UInt8>) -> Answer) -> Answer {
        body(UnsafeBufferPointer(start: start, count: count))
    }

    /// Forgets the bytes and keeps the room.
    mutating func forget() { count = 0 }

    @inline(never)
    private mutating func grow(by more: Int) {
        capacity = max(2 * capacity, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: start, count: count)
        start.deallocate()
        start = larger
    }
}
