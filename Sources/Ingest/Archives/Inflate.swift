/// Unpacks DEFLATE (RFC 1951), strictly: what is cut off, contradicts itself or yields another size than promised is refused.
///
/// Memory is bounded by the promised size, which the caller has judged.
struct Inflate {
    /// Why compressed bytes are refused.
    enum Flaw: Error, Equatable {
        /// The bytes end in the middle.
        case truncated
        /// The bytes are no DEFLATE.
        case malformed
        /// They yield more or less than was promised.
        case otherSize
    }

    private var input: BitReader
    private var output: [UInt8] = []
    private let size: Int

    /// The `size` bytes that `input` was made of.
    static func bytes(_ input: ArraySlice<UInt8>, size: Int) throws(Flaw) -> [UInt8] {
        var inflate = Inflate(input: BitReader(input), size: size)
        try inflate.run()
        return inflate.output
    }

    private init(input: BitReader, size: Int) {
        self.input = input
        self.size = size
        output.reserveCapacity(size)
    }

    private mutating func run() throws(Flaw) {
        var isLast = false
        while !isLast {
            isLast = try input.bits(1) == 1
            switch try input.bits(2) {
            case 0: try copyStored()
            case 1: try expand(Self.fixedLiterals, Self.fixedDistances)
            case 2:
                let (literals, distances) = try readCodes()
                try expand(literals, distances)
            default: throw .malformed
            }
        }
        guard output.count == size else { throw .otherSize }
    }

    private mutating func copyStored() throws(Flaw) {
        input.alignToByte()
        let length = try input.bits(16)
        guard try input.bits(16) == ~length & 0xFFFF else { throw .malformed }
        guard output.count + length <= size else { throw .otherSize }
        for _ in 0..<length { output.append(UInt8(truncatingIfNeeded: try input.bits(8))) }
    }

    // MARK: Compressed blocks

    private static let lengthBases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthExtras = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distanceBases = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1_025, 1_537, 2_049, 3_073,
        4_097,
        6_145, 8_193, 12_289, 16_385, 24_577,
    ]

    private mutating func expand(_ literals: HuffmanCode, _ distances: HuffmanCode) throws(Flaw) {
        while true {
            let symbol = try literals.symbol(from: &input)
            switch symbol {
            case 0..<256:
                guard output.count < size else { throw .otherSize }
                output.append(UInt8(truncatingIfNeeded: symbol))
            case 256: return
            default: try copy(lengthSymbol: symbol - 257, distances)
            }
        }
    }

    private mutating func copy(lengthSymbol: Int, _ distances: HuffmanCode) throws(Flaw) {
        guard Self.lengthBases.indices.contains(lengthSymbol) else { throw .malformed }
        let length = Self.lengthBases[lengthSymbol] + (try input.bits(Self.lengthExtras[lengthSymbol]))
        let symbol = try distances.symbol(from: &input)
        guard Self.distanceBases.indices.contains(symbol) else { throw .malformed }
        let distance = Self.distanceBases[symbol] + (try input.bits(max(0, symbol / 2 - 1)))
        guard distance <= output.count else { throw .malformed }
        guard output.count + length <= size else { throw .otherSize }
        // One byte at a time: the copy may reach into itself.
        for _ in 0..<length { output.append(output[output.count - distance]) }
    }

    // MARK: Codes

    private static let fixedLiterals = HuffmanCode(
        trusted: Array(repeating: 8, count: 144) + Array(repeating: 9, count: 112) + Array(repeating: 7, count: 24)
            + Array(repeating: 8, count: 8))
    private static let fixedDistances = HuffmanCode(trusted: Array(repeating: 5, count: 30))

    private static let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    private mutating func readCodes() throws(Flaw) -> (HuffmanCode, HuffmanCode) {
        let literalCount = try input.bits(5) + 257
        let distanceCount = try input.bits(5) + 1
        guard literalCount <= 286, distanceCount <= 30 else { throw .malformed }
        var own = [Int](repeating: 0, count: 19)
        for index in 0..<(try input.bits(4) + 4) { own[Self.lengthOrder[index]] = try input.bits(3) }
        let lengths = try readLengths(literalCount + distanceCount, by: try HuffmanCode(own, mayBeIncomplete: false))
        guard lengths[256] > 0 else { throw .malformed }
        return (
            try HuffmanCode(Array(lengths[..<literalCount]), mayBeIncomplete: true),
            try HuffmanCode(Array(lengths[literalCount...]), mayBeIncomplete: true)
        )
    }

    private mutating func readLengths(_ count: Int, by code: HuffmanCode) throws(Flaw) -> [Int] {
        var lengths: [Int] = []
        while lengths.count < count {
            let symbol = try code.symbol(from: &input)
            switch symbol {
            case 0...15: lengths.append(symbol)
            case 16:
                guard let last = lengths.last else { throw .malformed }
                lengths += Array(repeating: last, count: 3 + (try input.bits(2)))
            case 17: lengths += Array(repeating: 0, count: 3 + (try input.bits(3)))
            default: lengths += Array(repeating: 0, count: 11 + (try input.bits(7)))
            }
        }
        guard lengths.count == count else { throw .malformed }
        return lengths
    }
}

/// A canonical Huffman code: how many codes there are of each length, and their symbols in order.
private struct HuffmanCode {
    private var counts = [Int](repeating: 0, count: 16)
    private var symbols: [Int] = []

    /// The code whose symbols have these lengths, 0 for none.
    init(_ lengths: [Int], mayBeIncomplete: Bool) throws(Inflate.Flaw) {
        self.init(trusted: lengths)
        var left = 1
        for length in 1...15 {
            left = left * 2 - counts[length]
            guard left >= 0 else { throw .malformed }
        }
        // Of incomplete codes only that of a single symbol, or of none, makes sense.
        guard left == 0 || (mayBeIncomplete && symbols.count <= 1) else { throw .malformed }
    }

    init(trusted lengths: [Int]) {
        for length in lengths where length > 0 { counts[length] += 1 }
        for length in 1...15 {
            for (symbol, own) in lengths.enumerated() where own == length { symbols.append(symbol) }
        }
    }

    func symbol(from input: inout BitReader) throws(Inflate.Flaw) -> Int {
        var (code, first, index) = (0, 0, 0)
        for length in 1...15 {
            code |= try input.bits(1)
            let count = counts[length]
            if code - first < count { return symbols[index + code - first] }
            index += count
            first = (first + count) << 1
            code <<= 1
        }
        throw .malformed
    }
}

/// Bits of bytes, the lowest first.
private struct BitReader {
    private let bytes: ArraySlice<UInt8>
    private var next: Int
    private var held: UInt32 = 0
    private var heldCount = 0

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        next = bytes.startIndex
    }

    /// The next `count` bits, 0 to 16, as a number.
    mutating func bits(_ count: Int) throws(Inflate.Flaw) -> Int {
        while heldCount < count {
            guard next < bytes.endIndex else { throw .truncated }
            held |= UInt32(bytes[next]) << UInt32(heldCount)
            next += 1
            heldCount += 8
        }
        let value = held & ((1 << UInt32(count)) - 1)
        held >>= UInt32(count)
        heldCount -= count
        return Int(value)
    }

    /// Skips what is left of a byte that has been begun.
    mutating func alignToByte() {
        held >>= UInt32(heldCount % 8)
        heldCount -= heldCount % 8
    }
}
