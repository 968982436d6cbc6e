import EventModel

/// What makes the rows of a projection what they are: the shape of its table, the events that it takes, and what its fold does with the
/// registered samples.
///
/// Two programs whose fingerprints of a projection do not differ write the same rows from the same log, as far as samples can tell; one whose
/// fingerprint differs from the stored one under the same version would go on with rows of another make. It is a pure value: the same on
/// every machine and in every run. Words for people, which change no row, are no part of it.
///
/// What the samples do not show, it does not see: a branch of a fold that none of them takes, and values that are sealed.
public struct ProjectionFingerprint: Sendable, Hashable {
    /// The projection's name.
    public let projection: String
    /// The version that it declares.
    public let version: Int
    /// Digest of the table's shape: names, types, nullability and roles of the columns, key, and whether rows are only added.
    public let table: String
    /// The events that it takes: `all`, or `<category>.*`, or `<type>@<newest registered schema version>`, sorted.
    public let interest: [String]
    /// What the fold makes of each sample that it takes: a digest by `<type>@<schema version>`.
    public let folds: [String: String]

    /// The fingerprint of a projection as this program has it. It folds some thousands of samples: milliseconds, not to be done per event.
    ///
    /// - Parameter samples: every registered sample, in any order.
    public init(of projection: some Projection, samples: [FoldSample]) {
        self.projection = projection.name
        version = projection.version
        table = Self.table(projection.table)
        interest = Self.interest(projection.interest, samples)
        folds = FoldTrial(of: projection, samples: samples).digests()
    }

    /// The digest of everything.
    public var digest: ContentDigest {
        var content = DigestedContent()
        content.add(projection)
        content.add(Int64(version))
        content.add(table)
        content.add(interest)
        content.add(folds.keys.sorted { JSONKeyOrder.precedes($0, $1) }.flatMap { [$0, folds[$0] ?? ""] })
        return content.digest
    }

    private static func table(_ table: TableDefinition) -> String {
        var content = DigestedContent()
        content.add(table.generationName)
        content.add(table.isAppendOnly ? "append-only" : "changing")
        content.add(table.keyIndices.map { "\($0)" })
        for column in table.columns {
            content.add([column.name, column.type.rawValue, column.isNullable ? "null" : "not null"])
            switch column.role {
            case .shown: content.add("shown")
            case .lane: content.add("lane")
            case .part(let combination): content.add(combination.rawValue)
            }
        }
        return content.shortDigest
    }

    private static func interest(_ interest: EventInterest, _ samples: [FoldSample]) -> [String] {
        switch interest {
        case .all: return ["all"]
        case .categories(let categories): return sorted(categories.map { "\($0.rawValue).*" })
        case .types(let types):
            let newest = Dictionary(samples.map { ($0.type, $0.schemaVersion) }, uniquingKeysWith: max)
            return sorted(types.map { "\($0)@\(newest[$0] ?? 0)" })
        }
    }

    private static func sorted(_ names: [String]) -> [String] { names.sorted { JSONKeyOrder.precedes($0, $1) } }
}

extension ProjectionFingerprint {
    /// As JSON, to be kept: an object with the members `projection`, `version`, `table`, `interest` and `folds`.
    public var json: JSONValue {
        let names = Self.sorted(Array(folds.keys))
        return [
            "projection": .string(projection), "version": .number(JSONNumber(version)), "table": .string(table),
            "interest": .array(interest.map(JSONValue.string)),
            "folds": .object(JSONObject(names.map { .init(key: $0, value: .string(folds[$0] ?? "")) })),
        ]
    }

    /// Reads back what ``json`` answered; `nil` for anything else.
    public init?(_ json: JSONValue) {
        guard let projection = json["projection"]?.string, let version = json["version"]?.int,
            let table = json["table"]?.string, let interest = json["interest"]?.array, let folds = json["folds"]?.object
        else { return nil }
        self.projection = projection
        self.version = version
        self.table = table
        self.interest = interest.compactMap(\.string)
        self.folds = Dictionary(
            folds.members.compactMap { member in member.value.string.map { (member.key, $0) } },
            uniquingKeysWith: { first, _ in first })
        guard self.interest.count == interest.count, self.folds.count == folds.members.count else { return nil }
    }
}
