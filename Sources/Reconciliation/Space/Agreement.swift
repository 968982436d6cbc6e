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

    /// The fields, ordered by path.
    public private(set) var fields: [Field]

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
            let place = fields.place { $0.path < path }
            let isThere = place < fields.endIndex && fields[place].path == path
            switch (newValue, isThere) {
            case (let value?, true): fields[place] = Field(path, value)
            case (let value?, false): fields.insert(Field(path, value), at: place)
            case (nil, true): fields.remove(at: place)
            case (nil, false): break
            }
        }
    }

    /// Puts a value in the place of a field, or of a member of its data; `nil` takes it away. A member of something that has no members, or of
    /// nothing, makes it an object.
    public mutating func settle(_ path: FieldPath, as value: FieldValue?) {
        guard !path.members.isEmpty else { return self[path] = value }
        let field = path.field
        var data: JSONValue? = if case .content(let data)? = self[field] { data } else { nil }
        data = Self.setting(path.members, of: data, to: value?.json)
        self[field] = data.map(FieldValue.init)
    }

    private static func setting(
        _ members: ArraySlice<ElementID>, of data: JSONValue?, to value: JSONValue?
    ) -> JSONValue? {
        guard let name = members.first else { return value }
        var object = data?.object ?? JSONObject()
        let before = object[name.text]
        guard let member = setting(members.dropFirst(), of: before, to: value) else {
            object[name.text] = nil
            return .object(object)
        }
        object[name.text] = member
        return .object(object)
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
