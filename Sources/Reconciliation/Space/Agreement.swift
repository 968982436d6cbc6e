import EventModel

/// What both sides agreed on last: the base of a comparison. Ordered by path, each path once.
public struct Agreement: Equatable, Sendable {
    /// One field of it.
    public struct Field: Equatable, Sendable {
        /// The field.
        public let path: FieldPath
        /// What it held.
        public let value: FieldValue

        /// A field by its parts.
        public init(_ path: FieldPath, _ value: FieldValue) {
            self.path = path
            self.value = value
        }
    }

    /// A difference that stays: each side goes on saying what it says, and nothing is done about it for as long as both do.
    public struct Difference: Equatable, Sendable {
        /// The field, or the member of its data.
        public let path: FieldPath
        /// What the workflow says.
        public let workflow: FieldValue?
        /// What the journey says.
        public let journey: FieldValue?

        /// A difference by its parts.
        public init(_ path: FieldPath, workflow: FieldValue?, journey: FieldValue?) {
            self.path = path
            self.workflow = workflow
            self.journey = journey
        }
    }

    /// The fields, ordered by path.
    public private(set) var fields: [Field]
    /// The differences that were accepted, ordered by path, each path once. What was agreed on before stays in ``fields``, so that a later change of
    /// either side is held against it.
    public private(set) var accepted: [Difference] = []

    /// Nothing was agreed on yet.
    public init() { fields = [] }

    /// These fields.
    ///
    /// - Precondition: no path twice.
    public init(_ fields: some Sequence<Field>) {
        self.fields = fields.sorted { $0.path < $1.path }
        precondition(zip(self.fields, self.fields.dropFirst()).allSatisfy { $0.path < $1.path }, "a path twice")
    }

    /// What was agreed on for a field; `nil` for nothing.
    public subscript(_ path: FieldPath) -> FieldValue? {
        get {
            let place = fields.place { $0.path < path }
            return place < fields.endIndex && fields[place].path == path ? fields[place].value : nil
        }
        set {
            forget(path)
            put(newValue, at: path)
        }
    }

    private mutating func put(_ value: FieldValue?, at path: FieldPath) {
        let place = fields.place { $0.path < path }
        let isThere = place < fields.endIndex && fields[place].path == path
        switch (value, isThere) {
        case (let value?, true): fields[place] = Field(path, value)
        case (let value?, false): fields.insert(Field(path, value), at: place)
        case (nil, true): fields.remove(at: place)
        case (nil, false): break
        }
    }

    /// Lets the sides differ, until one of them says something else or the field is agreed on.
    public mutating func accept(_ difference: Difference) {
        forget(difference.path)
        accepted.insert(difference, at: accepted.place { $0.path < difference.path })
    }

    /// Whether the sides may differ like that.
    func accepts(_ path: FieldPath, _ workflow: FieldValue?, _ journey: FieldValue?) -> Bool {
        guard !accepted.isEmpty else { return false }
        let place = accepted.place { $0.path < path }
        return place < accepted.endIndex && accepted[place] == Difference(path, workflow: workflow, journey: journey)
    }

    /// A difference has nothing to say of what was agreed on later, nor of what is inside of it or around it.
    mutating func forget(_ path: FieldPath) {
        guard !accepted.isEmpty else { return }
        accepted.removeAll { $0.path.overlaps(path) }
    }

    /// Puts a value in the place of a field, or of a member of its data; `nil` takes it away. A member of something that has no members, or of
    /// nothing, makes it an object.
    public mutating func settle(_ path: FieldPath, as value: FieldValue?) { settle([(path, value)]) }

    /// The same for many, ordered by path, none of them inside of another: the data of a field is gone through once, however many of its members
    /// change.
    mutating func settle(_ changes: [(path: FieldPath, value: FieldValue?)]) {
        var rest = changes[...]
        while let first = rest.first {
            guard !first.path.members.isEmpty else {
                self[first.path] = first.value
                rest.removeFirst()
                continue
            }
            let field = first.path.field
            let end =
                rest.firstIndex { $0.path.root != field.root || !$0.path.names.starts(with: field.names) }
                ?? rest.endIndex
            for change in rest[..<end] { forget(change.path) }
            let data: JSONValue? = if case .content(let data)? = self[field] { data } else { nil }
            put(Self.setting(rest[..<end], inside: field.names.count, of: data).map(FieldValue.init), at: field)
            rest = rest[end...]
        }
    }

    /// The data with these changes, whose first names, so many of them, lead to it. Members and changes are both in canonical order.
    private static func setting(
        _ changes: ArraySlice<(path: FieldPath, value: FieldValue?)>, inside depth: Int, of data: JSONValue?
    ) -> JSONValue? {
        if let change = changes.first, change.path.names.count == depth { return change.value?.json }
        var members: [JSONObject.Member] = []
        var (old, rest) = ((data?.object?.members ?? [])[...], changes)
        while let first = rest.first {
            let name = first.path.names[depth]
            while let member = old.first, ElementID(member.key) < name {
                members.append(member)
                old.removeFirst()
            }
            let isThere = old.first.map { ElementID($0.key) == name } ?? false
            let before = isThere ? old.removeFirst().value : nil
            let end = rest.firstIndex { $0.path.names[depth] != name } ?? rest.endIndex
            if let value = setting(rest[..<end], inside: depth + 1, of: before) {
                members.append(JSONObject.Member(key: name.text, value: value))
            }
            rest = rest[end...]
        }
        return .object(JSONObject(members + old))
    }
}

extension Array {
    /// The place of the first element that does not come before what is looked for, in an ordered array.
    func place(where precedes: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if precedes(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
