import FoundationEssentials

extension SubjectErased {
    var payload: JSONValue {
        var object: JSONValue = [
            "bytes": .number(JSONNumber(extent.bytes)), "erasure": .string(erasure.uuidString.lowercased()),
            "events": .number(JSONNumber(extent.events)), "keys": .array(keys.map { .string(String($0)) }),
            "subject": .string(subject.text), "through": .number(JSONNumber(Int(through.rawValue))),
            "values": .number(JSONNumber(extent.values)),
        ]
        if let receipt, case .object(var members) = object {
            members["receipt"] = receipt.payload
            object = .object(members)
        }
        return object.canonicalized
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        erasure = try payload.parsed("erasure") { UUID(uuidString: $0) }
        subject = try payload.parsed("subject") { try? DataSubject($0) }
        var keys: [Int32] = []
        for text in try payload.texts("keys") {
            guard let key = Int32(text) else { throw .unexpected(payload.path["keys"], value: text) }
            keys.append(key)
        }
        self.keys = keys
        through = GlobalPosition(Int64(try payload.int("through")))
        extent = Extent(
            events: try payload.int("events"), values: try payload.int("values"), bytes: try payload.int("bytes"))
        receipt = try Self.receipt(try payload.optionalNested("receipt"))
    }

    private static func receipt(_ payload: PayloadReader?) throws(EventFlaw) -> Receipt? {
        guard let payload else { return nil }
        return try Receipt(payload)
    }
}

extension SubjectErased.Receipt {
    fileprivate var payload: JSONValue {
        func position(_ position: GlobalPosition?) -> JSONValue {
            position.map { .number(JSONNumber(Int($0.rawValue))) } ?? .null
        }
        return [
            "first": position(first), "last": position(last), "reason": reason.map(JSONValue.string) ?? .null,
            "streams": .number(JSONNumber(streams)), "streams_digest": .string(streamsDigest.hexadecimal),
        ]
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            streams: try payload.int("streams"),
            streamsDigest: try payload.digest("streams_digest"),
            first: try payload.optionalInt("first").map { GlobalPosition(Int64($0)) },
            last: try payload.optionalInt("last").map { GlobalPosition(Int64($0)) },
            reason: try payload.optionalText("reason"))
    }
}
