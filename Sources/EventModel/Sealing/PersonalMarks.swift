/// All marks of personal data, found by the type and version of an event.
///
/// Only mains put them together, from the events of every domain. Types without marks cost one look into a table.
public struct PersonalMarks: Sendable {
    private struct Version: Hashable {
        let type: EventType
        let schemaVersion: Int32
    }

    private let places: [Version: MarkedPlaces]

    /// An index of `marks`.
    public init(_ marks: some Sequence<PersonalMark>) {
        places = Dictionary(grouping: marks) { Version(type: $0.type, schemaVersion: $0.schemaVersion) }
            .mapValues(MarkedPlaces.init)
    }

    /// Whether nothing is marked.
    public var isEmpty: Bool { places.isEmpty }

    /// The marked places of one version of an event; `nil` when it has none.
    public subscript(_ type: EventType, _ schemaVersion: Int32) -> MarkedPlaces? {
        places.isEmpty ? nil : places[Version(type: type, schemaVersion: schemaVersion)]
    }
}

/// The places of one kind of event that hold personal data.
public struct MarkedPlaces: Sendable {
    private let marks: [PersonalMark]

    /// The places of `marks`. Of marks that meet at one value the first counts, and a mark inside a marked value counts for nothing.
    public init(_ marks: [PersonalMark]) { self.marks = marks }

    /// `payload` with every value at a marked place replaced by what `replace` makes of it. `null` and what is absent stay.
    public func replacing<Fault: Error>(
        in payload: JSONValue, _ replace: (JSONValue, PersonalMark.Subject, JSONPath) throws(Fault) -> JSONValue
    ) throws(Fault) -> JSONValue {
        try walk(payload, .root, marks.map { Way(steps: $0.path[...], subject: $0.subject) }, replace)
    }

    private struct Way {
        let steps: ArraySlice<PersonalMark.Step>
        let subject: PersonalMark.Subject

        var rest: Way { Way(steps: steps.dropFirst(), subject: subject) }
    }

    private func walk<Fault: Error>(
        _ value: JSONValue, _ path: JSONPath, _ ways: [Way],
        _ replace: (JSONValue, PersonalMark.Subject, JSONPath) throws(Fault) -> JSONValue
    ) throws(Fault) -> JSONValue {
        guard !value.isNull, !ways.isEmpty else { return value }
        if let end = ways.first(where: { $0.steps.isEmpty }) { return try replace(value, end.subject, path) }
        switch value {
        case .object(let object):
            var members = object.members
            for index in members.indices {
                let key = members[index].key
                let onward = ways.filter { $0.steps.first.map { $0.leads(to: key) } ?? false }
                guard !onward.isEmpty else { continue }
                members[index].value = try walk(members[index].value, path[key], onward.map(\.rest), replace)
            }
            return .object(JSONObject(distinct: members))
        case .array(var elements):
            let onward = ways.filter { $0.steps.first == .everyElement }.map(\.rest)
            guard !onward.isEmpty else { return value }
            for index in elements.indices { elements[index] = try walk(elements[index], path[index], onward, replace) }
            return .array(elements)
        case .null, .bool, .number, .string: return value
        }
    }
}

extension PersonalMark.Step {
    /// Whether this step leads to the member `key` of an object.
    fileprivate func leads(to key: String) -> Bool {
        switch self {
        case .key(let own): own.utf8.elementsEqual(key.utf8)
        case .everyMember: true
        case .everyElement: false
        }
    }
}

extension PersonalMark.Subject {
    /// Whose data an event holds.
    ///
    /// - Throws: ``SubjectFlaw`` when the data name somebody who cannot be a subject.
    public func resolved(
        in payload: JSONValue, stream: StreamName, workspace: Workspace
    ) throws(SubjectFlaw) -> DataSubject {
        switch self {
        case .member(let member):
            guard let named = payload[member], !named.isNull else { return try Self.keyed(stream) }
            guard let text = named.string else { throw .notText(member: member, found: named.kind) }
            return try DataSubject(text)
        case .syncKey: return try Self.keyed(stream)
        case .workspace: return .workspace(workspace)
        }
    }

    /// A sync key that is too long for a subject stands as its digest.
    private static func keyed(_ stream: StreamName) throws(SubjectFlaw) -> DataSubject {
        let key = stream.syncKey
        let text = "key:\(key)"
        guard text.utf8.count > DataSubject.lengthLimit else { return try DataSubject(text) }
        return try DataSubject("key:sha256:\(ContentDigest(of: Array(key.utf8)).hexadecimal)")
    }
}
