/// A state that can be put down as JSON and taken up again, equal to what it was.
///
/// It is a form for snapshots, which may be thrown away at any time: it has no versions, no schema and no upcasters. What a later program does
/// not know how to take up is folded anew.
public protocol Snapshotable: Equatable, Sendable {
    /// All of the state. Equal states answer equal values in every process, so what is in no order is written in some fixed one.
    var snapshot: JSONValue { get }

    /// Takes up what ``snapshot`` answered.
    ///
    /// - Throws: for anything else.
    init(snapshot: PayloadReader) throws(EventFlaw)
}

extension PayloadReader {
    /// The value `key` as a part of a snapshot.
    public func part<Part: Snapshotable>(_ key: String, as type: Part.Type = Part.self) throws(EventFlaw) -> Part {
        try Part(snapshot: PayloadReader(try value(key), at: path[key]))
    }

    /// The value `key` as a part of a snapshot; `nil` when it is missing or `null`.
    public func optionalPart<Part: Snapshotable>(
        _ key: String, as type: Part.Type = Part.self
    ) throws(EventFlaw) -> Part? {
        has(key) ? try part(key) : nil
    }
}

extension JSONObject {
    /// An object of the members that have a value.
    public init(omittingNil members: KeyValuePairs<String, JSONValue?>) {
        self.init(members.compactMap { key, value in value.map { Member(key: key, value: $0) } })
    }
}

extension Timestamp: Snapshotable {
    /// As RFC 3339 writes it.
    public var snapshot: JSONValue { .string(description) }

    /// Reads it back.
    public init(snapshot: PayloadReader) throws(EventFlaw) {
        guard let text = snapshot.value.string, let moment = Timestamp(rfc3339: text) else {
            throw .wrongType(snapshot.path, wanted: "a time", found: snapshot.value.kind)
        }
        self = moment
    }
}

extension ContentDigest: Snapshotable {
    /// As hexadecimal digits.
    public var snapshot: JSONValue { .string(hexadecimal) }

    /// Reads it back.
    public init(snapshot: PayloadReader) throws(EventFlaw) {
        guard let text = snapshot.value.string, let digest = ContentDigest(hexadecimal: text) else {
            throw .wrongType(snapshot.path, wanted: "a digest", found: snapshot.value.kind)
        }
        self = digest
    }
}
