/// The one place where foreign JSON is judged: a payload that has passed here is never checked again.
///
/// The door accepts what the `jsonb` input of PostgreSQL 14–17 accepts, so that a view which casts a stored payload
/// can never fail on a row, with two exceptions that `jsonb` would let through:
/// an object that names a key twice (`jsonb` silently keeps the last one; two readers could then disagree about what the
/// payload says), and nesting deeper than ``JSONLimits/depth``.
///
/// What `jsonb` refuses beyond the JSON grammar, and the door with it:
/// - text that is not strictly UTF-8 (overlong forms, encoded surrogates, beyond U+10FFFF) and the NUL byte;
/// - `\u0000`, and surrogate escapes that are alone or in the wrong order;
/// - numbers outside `numeric`: a first digit beyond 10^131071, or more than 16 383 digits behind the decimal point as
///   written, zeros included (`1e-16384`, `0e-16384` and `1.0e-16383` are refused, `0e999999` is not); and an exponent of
///   1 073 741 823 or more either way, whatever the digits, which releases before 16 refuse even for zero.
///
/// A byte order mark, empty input, and anything but white space behind the value are refused by both.
public enum JSONDoor {
    /// Checks `bytes` in one pass, without allocating unless an object is very wide.
    ///
    /// - Throws: ``JSONFlaw`` for the first thing that cannot be accepted. A duplicate key is noticed when its object
    ///   closes, so a flaw inside the same object is reported before it.
    public static func validate(
        _ bytes: UnsafeRawBufferPointer,
        limits: JSONLimits = .payload
    ) throws(JSONFlaw) {
        guard bytes.count <= limits.bytes else { throw .tooLarge(bytes: bytes.count, limit: limits.bytes) }
        guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count > 0 else {
            throw .empty(at: 0)
        }
        guard let flaw = firstFlaw(start, bytes.count, depth: limits.depth) else { return }
        throw flaw
    }

    /// Checks an array of bytes; see ``validate(_:limits:)-(UnsafeRawBufferPointer,_)``.
    public static func validate(_ bytes: [UInt8], limits: JSONLimits = .payload) throws(JSONFlaw) {
        let flaw: JSONFlaw? = bytes.withUnsafeBytes { buffer in
            do throws(JSONFlaw) {
                try validate(buffer, limits: limits)
                return nil
            } catch {
                return error
            }
        }
        if let flaw { throw flaw }
    }

    /// The first flaw, found with scratch space on the stack (both areas stay within the 1 KiB that is always granted).
    private static func firstFlaw(_ start: UnsafePointer<UInt8>, _ count: Int, depth: Int) -> JSONFlaw? {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: JSONLimits.deepest) { frames in
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: JSONKeyTable.inlineCapacity) { keys in
                guard let frames = frames.baseAddress, let keys = keys.baseAddress else { return nil }
                var table = JSONKeyTable(text: start, inline: keys)
                defer { table.release() }
                var scanner = JSONScanner(start: start, end: count, frames: frames, depthLimit: depth)
                do throws(JSONFlaw) {
                    try scanner.scanDocument(keys: &table)
                    return nil
                } catch {
                    return error
                }
            }
        }
    }
}

/// How much JSON the door takes at once.
public struct JSONLimits: Sendable, Equatable {
    /// The deepest nesting any limit may allow, in levels of arrays and objects.
    public static let deepest = 128

    /// The largest text that any limit may allow: offsets are kept in 31 bits.
    public static let largest = Int(Int32.max)

    /// The limit of one event payload: 1 MiB, 128 levels.
    public static let payload = JSONLimits(bytes: 1 << 20, depth: deepest)

    /// The limit of one file handed to an importer: 64 MiB, 128 levels.
    public static let file = JSONLimits(bytes: 64 << 20, depth: deepest)

    /// The largest accepted text in bytes.
    public let bytes: Int
    /// The deepest accepted nesting in levels; a scalar has none.
    public let depth: Int

    /// Limits of `bytes` bytes and `depth` levels, each cut to what the door can do at most.
    public init(bytes: Int, depth: Int) {
        self.bytes = min(max(bytes, 0), Self.largest)
        self.depth = min(max(depth, 0), Self.deepest)
    }
}
