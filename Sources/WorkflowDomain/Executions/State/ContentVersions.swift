import EventModel

/// What was told of one input, output or error, in all its different forms: a join-semilattice.
///
/// Engines repeat themselves, and not always in the same words: a log may be shortened where the event was not. All different forms are
/// kept; ``preferred`` is the fullest. A form that cannot be read any more, sealed or erased, stands for all of them: what a person
/// asked to be destroyed does not come back because an engine repeats it.
public enum ContentVersions: Hashable, Sendable {
    /// Nothing was told.
    case none
    /// The canonical forms, the fullest last: by length, then by bytes.
    case known([[UInt8]])
    /// There is something that this reader cannot see.
    case hidden

    /// The form that counts: the longest, of equally long ones the last by bytes.
    public var preferred: JSONValue? {
        guard case .known(let versions) = self, let bytes = versions.last else { return nil }
        return try? JSONValue(bytes)
    }

    /// Takes in what one report tells.
    mutating func join(_ content: CanonicalContent?) throws(ExecutionRejection) {
        guard let content else { return }
        switch (self, content) {
        case (.hidden, _): break
        case (_, .hidden): self = .hidden
        case (.none, .visible(let bytes)): self = .known([bytes])
        case (.known(let versions), .visible(let bytes)): self = .known(try Self.adding(bytes, to: versions))
        }
    }

    /// The forms that either knows.
    func joined(_ other: ContentVersions) -> ContentVersions {
        switch (self, other) {
        case (.hidden, _), (_, .hidden): .hidden
        case (.none, _): other
        case (_, .none): self
        case (.known(let left), .known(let right)):
            .known(Array(Set(left).union(right)).sorted(by: Self.precedes))
        }
    }

    private static func adding(_ bytes: [UInt8], to versions: [[UInt8]]) throws(ExecutionRejection) -> [[UInt8]] {
        let place = versions.firstIndex { !precedes($0, bytes) } ?? versions.endIndex
        guard place == versions.endIndex || versions[place] != bytes else { return versions }
        guard versions.count < ExecutionLimits.versions else {
            throw .tooManyVersions(limit: ExecutionLimits.versions)
        }
        var versions = versions
        versions.insert(bytes, at: place)
        return versions
    }

    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count ? left.lexicographicallyPrecedes(right) : left.count < right.count
    }
}

/// One content as it is compared.
enum CanonicalContent: Hashable, Sendable {
    /// Canonical JSON.
    case visible([UInt8])
    /// Sealed, or erased.
    case hidden

    init?(_ value: JSONValue?) {
        guard let value, !value.isNull else { return nil }
        self = value.isHidden ? .hidden : .visible(value.canonicalBytes())
    }

    var bytes: Int {
        switch self {
        case .visible(let bytes): bytes.count
        case .hidden: 0
        }
    }
}

/// The contents of a report as they are compared.
struct CanonicalContents: Sendable {
    let input, output, error: CanonicalContent?
    /// Bytes of all that the report carries, in canonical form.
    let bytes: Int

    init(_ contents: ReportContents) {
        input = CanonicalContent(contents.input)
        output = CanonicalContent(contents.output)
        error = CanonicalContent(contents.error)
        let compared = [input, output, error].reduce(0) { $0 + ($1?.bytes ?? 0) }
        bytes = compared + (contents.rest?.compactBytes().count ?? 0)
    }
}

extension Optional where Wrapped: Comparable {
    /// Keeps the smaller of both; something is kept before nothing.
    mutating func lower(to other: Wrapped?) {
        guard let other else { return }
        self = self.map { Swift.min($0, other) } ?? other
    }

    /// Keeps the greater of both; something is kept before nothing.
    mutating func raise(to other: Wrapped?) {
        guard let other else { return }
        self = self.map { Swift.max($0, other) } ?? other
    }
}

extension ContentVersions: Snapshotable {
    /// `null` for nothing, `false` for what is hidden, else the canonical forms as texts.
    public var snapshot: JSONValue {
        switch self {
        case .none: .null
        case .hidden: .bool(false)
        case .known(let versions): .array(versions.map { .string(String(decoding: $0, as: UTF8.self)) })
        }
    }

    /// Reads it back.
    public init(snapshot: PayloadReader) throws(EventFlaw) {
        switch snapshot.value {
        case .null: self = .none
        case .bool(false): self = .hidden
        case .array(let versions):
            var known: [[UInt8]] = []
            for version in versions {
                guard let text = version.string else {
                    throw .wrongType(snapshot.path, wanted: "a string", found: version.kind)
                }
                known.append(Array(text.utf8))
            }
            self = .known(known)
        case .bool, .number, .string, .object:
            throw .wrongType(snapshot.path, wanted: "an array", found: snapshot.value.kind)
        }
    }
}
