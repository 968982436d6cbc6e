import EventModel
import EventSourcing
import FoundationEssentials

/// One JSON object per line on standard output.
enum Answers {
    static func object(_ body: (inout JSONWriter) -> Void) {
        StandardOutput.shared.write(line(body))
    }

    /// The bytes of one object.
    static func line(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        body(&writer)
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    mutating func member(_ name: StaticString, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    mutating func member(_ name: StaticString, _ value: (some FixedWidthInteger)?) {
        key(name)
        if let value { int(value) } else { null() }
    }

    mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    mutating func member(_ name: StaticString, _ values: [String]) {
        key(name)
        array { for value in values { $0.string(value) } }
    }

    /// What is wrong and what to do; `null` when nothing is.
    mutating func member(_ name: StaticString, _ failure: Failure?) {
        key(name)
        guard let failure else { return null() }
        object { error in
            error.member("error", failure.error)
            error.member("hint", failure.hint)
        }
    }

    mutating func member(_ name: StaticString, _ value: UUID?) { member(name, value.map(\.text)) }

    mutating func member(_ name: StaticString, seconds value: Double) {
        key(name)
        if let number = JSONNumber(value) { self.number(number) } else { null() }
    }
}
