import EventModel
import EventSourcing
import ReadModels

extension RebuildReport {
    /// Explains what a comparison has found.
    ///
    /// - Parameters:
    ///   - behind: the keys of rows that events concern which the active generation has not handled.
    ///   - projection: the fold of the shadow, which says what its version changes.
    ///   - parked: how many keys are parked in each.
    init(
        _ comparison: GenerationComparison, of shadow: Generation, with active: Generation, behind: Set<RowKey>,
        projection: ProjectionGeneration, parked: (active: Int, shadow: Int)
    ) {
        self.active = active
        self.shadow = shadow
        self.comparison = comparison
        parkedInActive = parked.active
        parkedInShadow = parked.shadow
        behindBesides = Int64(comparison.otherKeys.count { behind.contains($0) })
        let declared =
            shadow.version == active.version
            ? [] : Set(projection.projection.declaredChanges.filter { $0.since > active.version }.flatMap(\.columns))
        differences = comparison.differences.map { difference in
            let columns = Self.columns(difference, comparison.activeTable, projection.table)
            let reason: Reason =
                if behind.contains(difference.key) {
                    .behind
                } else if difference.active != nil,
                    difference.shadow != nil, columns.allSatisfy({ declared.contains($0.name) })
                {
                    .declared
                } else {
                    .unexplained
                }
            return Difference(
                key: difference.key.values.map(\.shown), reason: reason, columns: columns,
                onlyIn: difference.active == nil ? .shadow : difference.shadow == nil ? .active : nil)
        }
    }

    private static func columns(
        _ difference: GenerationComparison.Difference, _ active: TableDefinition, _ shadow: TableDefinition
    ) -> [Difference.Column] {
        guard let before = difference.active, let after = difference.shadow else { return [] }
        return shadow.columns.enumerated().compactMap { index, column in
            guard let place = active.columns.firstIndex(where: { $0.name == column.name && $0.type == column.type }),
                before.values[place] != after.values[index]
            else { return nil }
            return Difference.Column(name: column.name, active: before.values[place], shadow: after.values[index])
        }
    }
}

extension RebuildReport {
    /// The report as it is kept: canonical JSON.
    public var kept: GenerationReport { GenerationReport(text: value.canonicalBytes()) }

    /// What the verdict is.
    public var verdict: RebuildVerdict {
        RebuildVerdict(unexplained: count(.unexplained), digest: kept.digest.hexadecimal)
    }

    private var value: JSONValue {
        [
            "projection": .string(shadow.projection),
            "active": Self.value(active, comparison.active.least, comparison.activeRows, parkedInActive),
            "shadow": Self.value(shadow, comparison.shadow.least, comparison.shadowRows, parkedInShadow),
            "differing": .number(JSONNumber(comparison.differing)),
            "declared": .number(JSONNumber(count(.declared))),
            "behind": .number(JSONNumber(count(.behind))),
            "unexplained": .number(JSONNumber(count(.unexplained))),
            "differences": .array(differences.map(\.value)),
        ]
    }

    private static func value(
        _ generation: Generation, _ position: GlobalPosition, _ rows: Int64, _ parked: Int
    ) -> JSONValue {
        [
            "generation": .number(JSONNumber(generation.number)), "version": .number(JSONNumber(generation.version)),
            "position": .number(JSONNumber(position.rawValue)), "rows": .number(JSONNumber(rows)),
            "parked_keys": .number(JSONNumber(parked)),
        ]
    }
}

extension RebuildReport.Difference {
    /// As JSON.
    public var value: JSONValue {
        var object: JSONObject = [
            "key": .array(key.map(JSONValue.string)), "reason": .string(reason.rawValue),
        ]
        if let onlyIn { object["only_in"] = .string(onlyIn.rawValue) }
        if !columns.isEmpty {
            object["columns"] = .array(
                columns.map { column in
                    [
                        "name": .string(column.name), "active": .string(column.active.shown),
                        "shadow": .string(column.shadow.shown),
                    ]
                })
        }
        return .object(object)
    }
}

extension ColumnValue {
    /// As text, for people.
    public var shown: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .text(let value): value
        case .uuid(let value): value.uuidString.lowercased()
        case .timestamp(let value): value.description
        case .json(let bytes): String(decoding: bytes, as: UTF8.self)
        case .bytes(let bytes): bytes.map { String($0, radix: 16) }.joined()
        }
    }
}
