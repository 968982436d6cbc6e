import EventModel

extension Finding {
    /// The finding as JSON: `{code, severity, place, message, cure}`.
    public var canonicalValue: JSONValue {
        let value: JSONValue = [
            "code": .string(code.rawValue), "severity": .string(severity.rawValue), "place": .string("\(place)"),
            "message": .string(message), "cure": .string(cure),
        ]
        return value.canonicalized
    }
}
