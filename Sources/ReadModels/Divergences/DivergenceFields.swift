import EventModel
import FoundationEssentials

/// The fields of a decision, a conflict or an accepted difference, read for its row.
struct DivergenceFields {
    private static let shape: PayloadShape = [
        ["conflict"], ["resolution"], ["divergence"], ["path"], ["members"], ["kind"], ["side"], ["base"], ["workflow"],
        ["journey"], ["given"], ["reason"], ["attempts"], ["history"], ["winner"], ["owner"], ["cause"], ["reverses"],
        ["effects"], ["rule"], ["compared"], ["workflow_subject"], ["journey_subject"],
    ]

    let payload: PayloadFields

    init(of event: RecordedEvent) throws(ProjectionFault.Reason) {
        payload = try PayloadFields(Self.shape, of: event)
    }

    /// The row that the event is about.
    func id() throws(ProjectionFault.Reason) -> UUID {
        if let id = try payload.optionalID("conflict") { return id }
        if let id = try payload.optionalID("resolution") { return id }
        guard let id = try payload.optionalID("divergence") else { throw .missingField("divergence") }
        return id
    }

    /// The field as it is stored; null when it is missing.
    func json(_ name: StaticString, orElse otherwise: String? = nil) -> ColumnValue {
        guard let value = payload[name] else { return otherwise.map { .json(Array($0.utf8)) } ?? .null }
        return .json(value.compactBytes())
    }

    /// What was said: data as they are stored, a word as a text; null where nothing was said.
    func said(_ name: StaticString) throws(ProjectionFault.Reason) -> ColumnValue {
        guard let said = try member(name) else { return .null }
        if let value = said["value"] { return .json(value.compactBytes()) }
        if said["hidden"] != nil { return .json(Array(#"{"$hidden":true}"#.utf8)) }
        return said["word"].map { .json($0.compactBytes()) } ?? .null
    }

    /// A text inside of the field; null when it is missing.
    func text(_ name: StaticString, _ inner: String) throws(ProjectionFault.Reason) -> ColumnValue {
        guard let value = try member(name)?[inner], !value.isNull else { return .null }
        guard let text = value.string else {
            throw .wrongType(field: "\(name).\(inner)", expected: "a string", found: value.kind)
        }
        return .text(text)
    }

    /// A whole number inside of the field, or the field itself; null when it is missing.
    func number(_ name: StaticString, _ inner: String? = nil) throws(ProjectionFault.Reason) -> ColumnValue {
        let value = if let inner { try member(name)?[inner] } else { payload[name] }
        guard let value, !value.isNull else { return .null }
        guard let number = value.int else {
            throw .wrongType(
                field: "\(name)\(inner.map { ".\($0)" } ?? "")", expected: "a whole number", found: value.kind)
        }
        return .int(Int64(number))
    }

    private func member(_ name: StaticString) throws(ProjectionFault.Reason) -> JSONObject? {
        guard let value = payload[name], !value.isNull else { return nil }
        guard let object = value.object else {
            throw .wrongType(field: "\(name)", expected: "an object", found: value.kind)
        }
        return object
    }
}

extension PayloadFields {
    /// The field as an identifier; `nil` when it is missing or null.
    func optionalID(_ name: StaticString) throws(ProjectionFault.Reason) -> UUID? {
        guard let text = try optionalText(name) else { return nil }
        guard let id = UUID(uuidString: text) else {
            throw .wrongType(field: "\(name)", expected: "a UUID", found: "another text")
        }
        return id
    }

    /// The field as an identifier.
    func id(_ name: StaticString) throws(ProjectionFault.Reason) -> UUID {
        guard let id = try optionalID(name) else { throw .missingField("\(name)") }
        return id
    }
}
