import EventModel
import PostgresDriver
import ReadModels

/// Rows as one array per column, which is how `unnest` takes them.
struct ColumnArrays {
    private var arrays: [PostgresArray]

    init(_ columns: [ColumnDefinition], rows: [[ColumnValue]]) {
        arrays = columns.map { PostgresArray(elementType: $0.type.postgresType, reservingCapacity: rows.count * 16) }
        for column in columns.indices {
            for row in rows { arrays[column].append(row[column]) }
        }
    }

    func append(to parameters: inout PostgresParameters) {
        for array in arrays { parameters.append(array) }
    }
}

extension PostgresArray {
    /// Appends a value of a column whose type is the array's; see ``TableDefinition/admits(_:)``.
    fileprivate mutating func append(_ value: ColumnValue) {
        switch value {
        case .null: appendNull()
        case .bool(let value): append(bool: value)
        case .int(let value): append(int64: value)
        case .text(let value): append(text: value)
        case .uuid(let value): append(uuid: value)
        case .timestamp(let value): append(timestampMicroseconds: value.microseconds)
        case .json(let value), .bytes(let value): append(bytes: value)
        }
    }
}

/// Rows read back.
enum RowDecoding {
    /// - Parameter first: where the row's columns begin in the result.
    static func row(
        _ index: Int, of result: PostgresResult, _ columns: [ColumnDefinition], from first: Int = 0
    ) throws(PostgresError) -> Row {
        var values: [ColumnValue] = []
        values.reserveCapacity(columns.count)
        for (column, definition) in columns.enumerated() {
            values.append(try value(index, first + column, of: result, definition.type))
        }
        return Row(values)
    }

    private static func value(
        _ row: Int, _ column: Int, of result: PostgresResult, _ type: ColumnType
    ) throws(PostgresError) -> ColumnValue {
        guard !result.isNull(row, column) else { return .null }
        switch type {
        case .bool: return .bool(try result.bool(row, column))
        case .int: return .int(try result.int64(row, column))
        case .text: return .text(try result.text(row, column))
        case .uuid: return .uuid(try result.uuid(row, column))
        case .timestamp:
            return .timestamp(Timestamp(microseconds: try result.timestampMicroseconds(row, column)))
        case .json: return .json(Array(try result.text(row, column).utf8))
        case .bytes: return .bytes(try result.bytes(row, column))
        }
    }
}
