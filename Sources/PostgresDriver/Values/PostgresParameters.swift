#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The parameters `$1`, `$2`, … of a statement in PostgreSQL's binary form, all in one buffer.
///
/// The type of each parameter is sent along, so the statement needs no casts. At most ``countLimit`` parameters of at
/// most ``valueLimit`` bytes each; running a statement with more throws
/// ``PostgresError/Kind/limitExceeded(value:limit:)``.
public struct PostgresParameters: Sendable {
    /// The protocol counts parameters in 16 bits.
    public static let countLimit = 65_535
    /// PostgreSQL holds no value of 1 GiB or more.
    public static let valueLimit = (1 << 30) - 1

    private(set) var types: [UInt32] = []
    private(set) var lengths: [Int32] = []
    private(set) var buffer: [UInt8] = []
    private var largest = 0

    /// No parameters.
    public init() {}

    /// No parameters yet, with `capacity` bytes reserved for their values.
    public init(reservingCapacity capacity: Int) {
        buffer.reserveCapacity(capacity)
    }

    /// The parameters that `build` appends.
    public init(_ build: (inout PostgresParameters) -> Void) {
        build(&self)
    }

    /// The number of parameters.
    public var count: Int { types.count }

    func checkLimits() throws(PostgresError) {
        guard count <= Self.countLimit else {
            throw PostgresError(.limitExceeded(value: count, limit: Self.countLimit), "too many parameters")
        }
        guard largest <= Self.valueLimit else {
            throw PostgresError(
                .limitExceeded(value: largest, limit: Self.valueLimit), "a parameter has too many bytes")
        }
    }

    /// Appends what `write` adds to the buffer as one parameter.
    private mutating func append(_ type: UInt32, _ write: (inout [UInt8]) -> Void) {
        let start = buffer.count
        write(&buffer)
        let written = buffer.count - start
        largest = max(largest, written)
        types.append(type)
        lengths.append(Int32(truncatingIfNeeded: written))
    }
}

extension PostgresParameters {
    /// Appends a `smallint`.
    public mutating func append(_ value: Int16) {
        append(PostgresType.int2.oid) { $0.appendBigEndian(value) }
    }

    /// Appends an `integer`.
    public mutating func append(_ value: Int32) {
        append(PostgresType.int4.oid) { $0.appendBigEndian(value) }
    }

    /// Appends a `bigint`.
    public mutating func append(_ value: Int64) {
        append(PostgresType.int8.oid) { $0.appendBigEndian(value) }
    }

    /// Appends a `bigint`.
    public mutating func append(_ value: Int) {
        append(Int64(value))
    }

    /// Appends a `boolean`.
    public mutating func append(_ value: Bool) {
        append(PostgresType.bool.oid) { $0.append(value ? 1 : 0) }
    }

    /// Appends a `double precision`.
    public mutating func append(_ value: Double) {
        append(PostgresType.float8.oid) { $0.appendBigEndian(value.bitPattern) }
    }

    /// Appends a `text`.
    public mutating func append(_ value: String) {
        append(PostgresType.text.oid) { $0.appendUTF8(value) }
    }

    /// Appends a `bytea`.
    public mutating func append(_ value: [UInt8]) {
        append(PostgresType.bytea.oid) { $0.append(contentsOf: value) }
    }

    /// Appends a `bytea` by one copy.
    public mutating func append(bytes value: UnsafeRawBufferPointer) {
        append(PostgresType.bytea.oid) { $0.append(contentsOf: value) }
    }

    /// Appends a `uuid`.
    public mutating func append(_ value: UUID) {
        append(PostgresType.uuid.oid) { $0.appendUUID(value) }
    }

    /// Appends a `timestamptz`, given in microseconds since 1970-01-01 UTC.
    public mutating func append(timestampMicroseconds value: Int64) {
        append(PostgresType.timestamptz.oid) { $0.appendBigEndian(wireTimestamp(microseconds: value)) }
    }

    /// Appends a `jsonb`, given as its text.
    public mutating func append(json value: String) {
        append(PostgresType.jsonb.oid) { buffer in
            buffer.append(jsonbVersion)
            buffer.appendUTF8(value)
        }
    }

    /// Appends an array of the array's element type.
    public mutating func append(_ array: PostgresArray) {
        buffer.reserveCapacity(buffer.count + array.encodedBytes)
        append(array.elementType.arrayOID) { array.encode(into: &$0) }
    }

    /// Appends a NULL of the type with that number; see ``PostgresType/oid-swift.property``.
    public mutating func appendNull(oid: UInt32) {
        types.append(oid)
        lengths.append(-1)
    }

    /// Appends a NULL of `type`.
    public mutating func appendNull(_ type: PostgresType) {
        appendNull(oid: type.oid)
    }
}

/// The parameters in the shape in which libpq takes them.
struct ParameterPointers {
    let count: Int32
    let types: UnsafePointer<UInt32>?
    let values: UnsafePointer<UnsafePointer<CChar>?>?
    let lengths: UnsafePointer<Int32>?
    let formats: UnsafePointer<Int32>?
}

extension PostgresParameters {
    /// Calls `body` with pointers that are valid inside it. No heap is used for up to about sixty parameters.
    func withPointers<R>(_ body: (ParameterPointers) -> R) -> R {
        guard count > 0 else {
            return body(ParameterPointers(count: 0, types: nil, values: nil, lengths: nil, formats: nil))
        }
        return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { formats in
                formats.initialize(repeating: 1)
                return withValues(values) { types, lengths in
                    body(
                        ParameterPointers(
                            count: Int32(count), types: types, values: UnsafePointer(values.baseAddress),
                            lengths: lengths, formats: UnsafePointer(formats.baseAddress)
                        )
                    )
                }
            }
        }
    }

    /// A null pointer means NULL to libpq, so a value of no bytes must point somewhere: the terminator does.
    private func withValues<R>(
        _ values: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>,
        _ body: (UnsafePointer<UInt32>?, UnsafePointer<Int32>?) -> R
    ) -> R {
        var empty: CChar = 0
        return withUnsafePointer(to: &empty) { nothing in
            buffer.withUnsafeBytes { bytes in
                let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
                var offset = 0
                for (index, length) in lengths.enumerated() {
                    let value = length < 0 ? nil : (length == 0 ? nothing : base.map { $0 + offset })
                    values.initializeElement(at: index, to: value)
                    offset += max(0, Int(length))
                }
                return types.withUnsafeBufferPointer { types in
                    lengths.withUnsafeBufferPointer { body(types.baseAddress, $0.baseAddress) }
                }
            }
        }
    }
}
