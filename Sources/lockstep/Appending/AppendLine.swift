import EventModel
import EventSourcing
import FoundationEssentials

/// One append as the command line or a line of a file spells it, with ids made once, before the first try.
struct AppendLine: Sendable {
    var request: AppendRequest

    /// The stream, which decides about order.
    var stream: StreamIdentity {
        StreamIdentity(workspace: request.workspace, stream: request.streams[0].stream)
    }

    struct StreamIdentity: Hashable, Sendable {
        let workspace: Workspace
        let stream: StreamName
    }
}

/// The parts of an append before they are read.
struct AppendFields: Sendable {
    var stream: String?
    var expected: String?
    var type: String?
    var data: [UInt8]?
    var metadata: [UInt8]?
    var id: String?
    var workspace: String?
    var actor: String?
    var correlation: String?
    var causation: String?
    var occurredAt: String?
    var schemaVersion: Int?
}

/// Why a line is not an append. The text is one sentence.
struct LineFlaw: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension AppendFields {
    /// The members of a line. `data` and `metadata` keep their bytes.
    init(line: ArraySlice<UInt8>) throws(LineFlaw) {
        let members: LineMembers
        do throws(JSONFlaw) { members = try LineMembers(line) } catch { throw LineFlaw("not a JSON object: \(error)") }
        for (key, value) in members.members { try take(key, value) }
    }

    private mutating func take(_ key: String, _ value: ArraySlice<UInt8>) throws(LineFlaw) {
        switch key {
        case "data": data = Array(value)
        case "metadata": metadata = Self.isNull(value) ? nil : Array(value)
        case "stream": stream = try Self.text(key, value)
        case "expected": expected = try Self.textOrNumber(key, value)
        case "type": type = try Self.text(key, value)
        case "event_id", "id": id = try Self.text(key, value)
        case "workspace": workspace = try Self.text(key, value)
        case "actor": actor = try Self.text(key, value)
        case "correlation_id": correlation = try Self.text(key, value)
        case "causation_id": causation = try Self.text(key, value)
        case "occurred_at": occurredAt = try Self.text(key, value)
        case "schema_version":
            let value = try Self.json(key, value)
            guard value.isNull || value.int != nil else { throw LineFlaw("\"\(key)\" must be a whole number") }
            schemaVersion = value.int
        default: throw LineFlaw("there is no field \"\(Table.printable(key, cutAt: 60))\"")
        }
    }

    private static func isNull(_ value: ArraySlice<UInt8>) -> Bool { value.elementsEqual("null".utf8) }

    private static func json(_ key: String, _ value: ArraySlice<UInt8>) throws(LineFlaw) -> JSONValue {
        do throws(JSONFlaw) { return try JSONValue(Array(value)) } catch {
            throw LineFlaw("\"\(key)\" is not JSON: \(error)")
        }
    }

    private static func text(_ key: String, _ value: ArraySlice<UInt8>) throws(LineFlaw) -> String? {
        let value = try json(key, value)
        guard value.isNull || value.string != nil else {
            throw LineFlaw("\"\(key)\" must be a string, not a \(value.kind)")
        }
        return value.string
    }

    private static func textOrNumber(_ key: String, _ value: ArraySlice<UInt8>) throws(LineFlaw) -> String? {
        let value = try json(key, value)
        if let number = value.int { return "\(number)" }
        guard value.isNull || value.string != nil else {
            throw LineFlaw("\"\(key)\" must be noStream, exists, any or a version")
        }
        return value.string
    }
}

extension AppendFields {
    /// The append.
    ///
    /// - Parameters:
    ///   - time: when it happens unless the fields say otherwise.
    ///   - newID: makes the id of an event that has none.
    func line(at time: Timestamp, newID: () -> UUID) throws(LineFlaw) -> AppendLine {
        let draft = EventDraft(
            id: try uuid("event_id", id) ?? newID(),
            type: try name("type", type) { (value) throws(NameFlaw) in try EventType(value) },
            schemaVersion: try version(), data: try required("data", data), metadata: metadata ?? EventDraft.noMetadata,
            correlationID: try uuid("correlation_id", correlation), causationID: try uuid("causation_id", causation),
            actor: actor, occurredAt: try timestamp() ?? time)
        let stream = try name("stream", stream) { (value) throws(NameFlaw) in try StreamName(value) }
        let space = try workspace.map { (value) throws(LineFlaw) in
            try name("workspace", value) { (value) throws(NameFlaw) in try Workspace(value) }
        }
        return AppendLine(
            request: AppendRequest(workspace: space ?? .default, [draft], to: stream, expecting: try expectation()))
    }

    private func required<T>(_ field: String, _ value: T?) throws(LineFlaw) -> T {
        guard let value else { throw LineFlaw("\"\(field)\" is missing") }
        return value
    }

    private func name<T>(_ field: String, _ value: String?, _ make: (String) throws(NameFlaw) -> T) throws(LineFlaw)
        -> T
    {
        let value = try required(field, value)
        do throws(NameFlaw) { return try make(value) } catch { throw LineFlaw(error.description) }
    }

    private func uuid(_ field: String, _ value: String?) throws(LineFlaw) -> UUID? {
        guard let value else { return nil }
        guard let uuid = UUID(uuidString: value) else {
            throw LineFlaw("\"\(field)\" is \(Self.quoted(value)) and must be a UUID")
        }
        return uuid
    }

    private func timestamp() throws(LineFlaw) -> Timestamp? {
        guard let occurredAt else { return nil }
        guard let time = Timestamp(rfc3339: occurredAt) else {
            throw LineFlaw(
                "\"occurred_at\" is \(Self.quoted(occurredAt)) and must be a time like 2026-02-03T04:05:06.789Z")
        }
        return time
    }

    /// What was given, as far as it helps to find it again.
    private static func quoted(_ value: String) -> String { "\"\(Table.printable(value, cutAt: 40))\"" }

    private func expectation() throws(LineFlaw) -> ExpectedVersion {
        let spelling = try required("expected", expected)
        guard let expected = ExpectedVersion(spelling: spelling) else {
            throw LineFlaw(
                "\"expected\" is \(Self.quoted(spelling)) and must be noStream, exists, any or a version from 1"
            )
        }
        return expected
    }

    private func version() throws(LineFlaw) -> Int32 {
        guard let schemaVersion else { return 1 }
        guard let version = Int32(exactly: schemaVersion), (1...AppendLimits.schemaVersion).contains(version) else {
            throw LineFlaw("\"schema_version\" is \(schemaVersion) and must be 1 to \(AppendLimits.schemaVersion)")
        }
        return version
    }
}
