import Synchronization

/// Everything that happened, as a number and as the last lines for people. Two runs of one seed have the same number.
final class Trace: Sendable {
    enum Entry: UInt64 {
        case job = 1
        case note
    }

    private struct State {
        /// FNV-1a, 64 bits.
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        var lines: [String] = []

        mutating func absorb(_ word: UInt64) {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                digest = (digest ^ ((word >> shift) & 0xff)) &* 0x100_0000_01b3
            }
        }
    }

    /// How many lines are kept.
    static let tailLines = 60
    private let state = Mutex(State())

    /// The number.
    var digest: UInt64 { state.withLock { $0.digest } }
    /// The last lines.
    var tail: [String] { state.withLock { Array($0.lines.suffix(Self.tailLines)) } }

    /// One job.
    func add(_ entry: Entry, _ process: Int, _ microseconds: Int64) {
        state.withLock { state in
            state.absorb(entry.rawValue << 56 | UInt64(process) << 40 | UInt64(microseconds))
        }
    }

    /// Something worth reading.
    func note(_ microseconds: Int64, _ line: String) {
        state.withLock { state in
            state.absorb(Entry.note.rawValue)
            state.absorb(UInt64(microseconds))
            for byte in line.utf8 { state.absorb(UInt64(byte)) }
            if state.lines.count >= 4 * Self.tailLines { state.lines.removeFirst(3 * Self.tailLines) }
            state.lines.append("\(Double(microseconds / 100) / 10_000) s  \(line)")
        }
    }
}
