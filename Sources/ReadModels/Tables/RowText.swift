import EventModel
import FoundationEssentials

extension TableDefinition {
    /// A row as a JSON object, the columns by name in the order of the view: whole numbers as numbers, times in RFC 3339 and UTC with six
    /// decimals, JSON as it is, bytes in hexadecimal. The same row always makes the same bytes.
    public func json(of row: Row) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            for (column, value) in zip(columns, row.values) where column.role != .lane {
                writer.key(column.name)
                Self.write(value, to: &writer)
            }
        }
        return writer.bytes
    }

    private static func write(_ value: ColumnValue, to writer: inout JSONWriter) {
        switch value {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .int(let value): writer.int(value)
        case .text(let value): writer.string(value)
        case .uuid(let value): writer.string(value.uuidString.lowercased())
        case .timestamp(let value): writer.string(value.description)
        case .json(let value): writer.raw(value)
        case .bytes(let value): writer.string(hexadecimal(value))
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
