import EventModel

/// Chosen fields of a payload, read without building the rest.
///
/// A payload can be a whole workflow definition of a megabyte of which a projection needs a name and five numbers. The reader walks
/// the members of the objects on the way, skips the values that nobody asked for, and parses the others. It trusts nothing: a text
/// that is not an object, or ends in the middle, is a fault.
struct PayloadFields {
    /// The names on the way from the top object to a field.
    typealias Path = [StaticString]

    private let shape: PayloadShape
    private let values: [JSONValue?]

    /// Reads the fields of a shape of an event's payload.
    init(_ shape: PayloadShape, of event: RecordedEvent) throws(ProjectionFault.Reason) {
        let outcome: Result<[JSONValue?], ProjectionFault.Reason> = event.withData { bytes in
            Result { () throws(ProjectionFault.Reason) in
                var values = [JSONValue?](repeating: nil, count: shape.paths.count)
                try shape.nodes.withUnsafeBufferPointer { nodes throws(ProjectionFault.Reason) in
                    var reader = MemberReader(bytes: bytes, wanting: nodes)
                    try reader.read(into: &values)
                }
                return values
            }
        }
        self.shape = shape
        values = try outcome.get()
    }

    /// The field's value; `nil` when the payload does not have it.
    subscript(_ path: StaticString...) -> JSONValue? { self[path] }

    /// The field's value; `nil` when the payload does not have it.
    subscript(_ path: Path) -> JSONValue? {
        shape.paths.firstIndex { Self.areSame($0, path) }.flatMap { values[$0] }
    }

    /// The value of the field at this place of the shape; `nil` when the payload does not have it.
    subscript(at place: Int) -> JSONValue? { values[place] }

    /// The UTF-8 of a name.
    static func bytes(of name: StaticString) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    }

    /// Whether two names are spelled alike.
    static func same(_ left: StaticString, _ right: StaticString) -> Bool {
        guard left.utf8CodeUnitCount == right.utf8CodeUnitCount else { return false }
        return left.utf8Start == right.utf8Start || bytes(of: left).elementsEqual(bytes(of: right))
    }

    private static func areSame(_ left: Path, _ right: Path) -> Bool {
        left.count == right.count && left.indices.allSatisfy { same(left[$0], right[$0]) }
    }
}

extension PayloadFields {
    /// The field as text.
    func text(_ name: StaticString) throws(ProjectionFault.Reason) -> String {
        guard let value = self[name] else { throw .missingField("\(name)") }
        guard let text = value.string else {
            throw .wrongType(field: "\(name)", expected: "a string", found: value.kind)
        }
        return text
    }

    /// The field as text; `nil` when it is missing or null.
    func optionalText(_ name: StaticString) throws(ProjectionFault.Reason) -> String? {
        guard let value = self[name], !value.isNull else { return nil }
        return try text(name)
    }

    /// The field as a whole number from 0.
    func count(_ name: StaticString) throws(ProjectionFault.Reason) -> Int64 { try Self.count(self[name], "\(name)") }

    /// A whole number from 0 in the object in the field `parent`.
    func count(_ name: StaticString, in parent: StaticString) throws(ProjectionFault.Reason) -> Int64 {
        try Self.count(self[parent, name], "\(parent).\(name)")
    }

    private static func count(_ value: JSONValue?, _ field: String) throws(ProjectionFault.Reason) -> Int64 {
        guard let value else { throw .missingField(field) }
        guard let count = value.int, count >= 0 else {
            throw .wrongType(field: field, expected: "a count", found: value.kind)
        }
        return Int64(count)
    }
}
