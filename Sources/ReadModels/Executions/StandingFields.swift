import EventModel

/// The member `standing` of an execution's event: where the execution stands after it.
struct StandingFields {
    private let value: JSONValue

    init(_ value: JSONValue?) throws(ProjectionFault.Reason) {
        guard let value else { throw .missingField("standing") }
        guard value.object != nil else {
            throw .wrongType(field: "standing", expected: "an object", found: value.kind)
        }
        self.value = value
    }

    func text(_ name: String) throws(ProjectionFault.Reason) -> String {
        guard case .text(let text) = try optionalText(name) else { throw .missingField("standing.\(name)") }
        return text
    }

    func optionalText(_ path: String...) throws(ProjectionFault.Reason) -> ColumnValue {
        ColumnValue(try read(path, "a string", \.string))
    }

    func time(_ path: String...) throws(ProjectionFault.Reason) -> ColumnValue {
        try read(path, "a time") { $0.string.flatMap(Timestamp.init(rfc3339:)) }.map(ColumnValue.timestamp) ?? .null
    }

    func count(_ path: String...) throws(ProjectionFault.Reason) -> Int64 {
        guard let count = try read(path, "a count", { $0.int.flatMap { $0 >= 0 ? $0 : nil } }) else {
            throw .missingField(Self.name(path))
        }
        return Int64(count)
    }

    private func read<Result>(
        _ path: [String], _ expected: String, _ read: (JSONValue) -> Result?
    ) throws(ProjectionFault.Reason) -> Result? {
        var value: JSONValue? = self.value
        for key in path { value = value?[key] }
        guard let value, !value.isNull else { return nil }
        guard let result = read(value) else {
            throw .wrongType(field: Self.name(path), expected: expected, found: value.kind)
        }
        return result
    }

    private static func name(_ path: [String]) -> String { (["standing"] + path).joined(separator: ".") }
}

/// Columns that are told once and hold for good.
struct KnownOnce {
    private let row: Row?

    init(_ row: Row?) { self.row = row }

    /// What is there, else what the event tells.
    func first(_ column: ExecutionColumn, _ text: String?) -> ColumnValue { known(column) ?? ColumnValue(text) }

    /// What is there, else what the event tells.
    func first(_ column: ExecutionColumn, _ number: Int?) -> ColumnValue {
        known(column) ?? ColumnValue(number.map(Int64.init))
    }

    /// Of different words the first by order, as the execution's own state keeps it.
    func least(_ column: ExecutionColumn, _ text: String?) -> ColumnValue {
        guard let known = known(column), case .text(let before) = known, let text else {
            return first(column, text)
        }
        return .text(min(before, text))
    }

    private func known(_ column: ExecutionColumn) -> ColumnValue? {
        guard let value = row?[column], value != .null else { return nil }
        return value
    }
}
