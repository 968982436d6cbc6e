import EventModel

/// The fields of an execution's event, read for its row.
struct ExecutionFields {
    private let event: RecordedEvent
    private let fields: PayloadFields

    init(of event: RecordedEvent) throws(ProjectionFault.Reason) {
        fields = try PayloadFields(ExecutionField.shape, of: event)
        self.event = event
    }

    /// The field's value; `nil` when the payload does not have it.
    subscript(_ field: ExecutionField) -> JSONValue? { fields[at: field.rawValue] }

    func text(_ field: ExecutionField) throws(ProjectionFault.Reason) -> String {
        guard let text = try optionalText(field) else { throw missing(field) }
        return text
    }

    func optionalText(_ field: ExecutionField) throws(ProjectionFault.Reason) -> String? {
        try read(field, "a string", \.string)
    }

    func time(_ field: ExecutionField) throws(ProjectionFault.Reason) -> ColumnValue {
        try read(field, "a time") { $0.string.flatMap(Timestamp.init(rfc3339:)) }.map(ColumnValue.timestamp) ?? .null
    }

    func count(_ field: ExecutionField) throws(ProjectionFault.Reason) -> Int64 {
        guard let count = try read(field, "a count", { $0.int.flatMap { $0 >= 0 ? $0 : nil } }) else {
            throw missing(field)
        }
        return Int64(count)
    }

    private func read<Result>(
        _ field: ExecutionField, _ expected: String, _ read: (JSONValue) -> Result?
    ) throws(ProjectionFault.Reason) -> Result? {
        guard let value = self[field], !value.isNull else { return nil }
        guard let result = read(value) else {
            throw .wrongType(field: field.name, expected: expected, found: value.kind)
        }
        return result
    }

    /// A field of the member `standing` is missing, or the member itself, or it is something else than an object.
    private func missing(_ field: ExecutionField) -> ProjectionFault.Reason {
        do throws(ProjectionFault.Reason) {
            guard let value = try PayloadFields([["standing"]], of: event)["standing"] else {
                return .missingField("standing")
            }
            guard value.object == nil else { return .missingField(field.name) }
            return .wrongType(field: "standing", expected: "an object", found: value.kind)
        } catch {
            return error
        }
    }
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
