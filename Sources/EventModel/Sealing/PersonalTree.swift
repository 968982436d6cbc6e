/// Which parts of a value are personal data, and the two trees that it is stored as: the open one, and the personal one, which has nothing
/// but what was taken out of the open one, in the same places.
///
/// The personal tree is sealed as a whole: thousands of values under seals of their own would not fit an event.
public struct PersonalTree: Sendable {
    /// What a value is made of. A value of another kind than its shape expects is open.
    public indirect enum Shape: Sendable {
        /// Nothing in it is personal.
        case open
        /// All of it is personal.
        case personal
        /// An object: each member is as its key says, and like `others` when its key is not named.
        case members([ElementID: Shape], others: Shape)
        /// An array. In the personal tree it has as many elements, `null` where nothing was taken out.
        case elements(Shape)
    }

    /// What stands in the open tree where a personal value was.
    public enum Gap: Sendable {
        /// `null`: that there is something is open. In the hidden tree's place its hidden form stands wherever something may be.
        case null
        /// Nothing: not even the key is open.
        case nothing
    }

    private let shape: Shape
    private let gap: Gap

    /// A tree of values of one shape.
    public init(_ shape: Shape, leaving gap: Gap) {
        self.shape = shape
        self.gap = gap
    }

    /// The two trees that `value` is; without a personal one when there is nothing personal in it.
    public func part(_ value: JSONValue) -> (open: JSONValue, personal: JSONValue?) {
        let parts = part(value, as: shape)
        return (parts.open ?? .null, parts.personal)
    }

    /// The value whose two trees these are. What is personal and has no place in the open tree is left out.
    ///
    /// Where the personal tree is hidden, its hidden form stands in the place of every gap; gaps of ``Gap/nothing`` stay.
    public func join(_ open: JSONValue, _ personal: JSONValue?) -> JSONValue {
        guard let personal else { return open }
        guard personal.isHidden else { return join(open, personal, as: shape) }
        return gap == .null ? fill(open, with: personal, as: shape) : open
    }

    /// Bytes of the two trees that the canonical `value` is when the personal one is sealed, at most.
    public func storedBytes(of value: JSONValue) -> Int {
        let parts = part(value)
        let sealed = parts.personal.map { SealedValue.storedBytes(sealing: $0.compactBytes().count) } ?? 0
        return parts.open.compactBytes().count + sealed
    }
}

// MARK: Parting

extension PersonalTree {
    private typealias Parts = (open: JSONValue?, personal: JSONValue?)

    private func part(_ value: JSONValue, as shape: Shape) -> Parts {
        switch (shape, value) {
        case (.personal, _): gap == .null ? (.null, value.isNull ? nil : value) : (nil, value)
        case (.members(let named, let others), .object(let object)): part(object) { named[$0] ?? others }
        case (.elements(let each), .array(let elements)): part(elements, as: each)
        case (.open, _), (.members, _), (.elements, _): (value, nil)
        }
    }

    private func part(_ object: JSONObject, _ shape: (ElementID) -> Shape) -> Parts {
        var open: [JSONObject.Member] = []
        var personal: [JSONObject.Member] = []
        for member in object.members {
            let parts = part(member.value, as: shape(ElementID(member.key)))
            if let left = parts.open { open.append(JSONObject.Member(key: member.key, value: left)) }
            if let taken = parts.personal { personal.append(JSONObject.Member(key: member.key, value: taken)) }
        }
        return (
            .object(JSONObject(distinct: open)), personal.isEmpty ? nil : .object(JSONObject(distinct: personal))
        )
    }

    private func part(_ elements: [JSONValue], as each: Shape) -> Parts {
        let parts = elements.map { part($0, as: each) }
        let hasPersonal = parts.contains { $0.personal != nil }
        return (.array(parts.map { $0.open ?? .null }), hasPersonal ? .array(parts.map { $0.personal ?? .null }) : nil)
    }
}

// MARK: Joining

extension PersonalTree {
    private func join(_ open: JSONValue, _ personal: JSONValue, as shape: Shape) -> JSONValue {
        switch (shape, open, personal) {
        case (.personal, _, _): return personal
        case (.members(let named, let others), .object(let object), .object(let taken)):
            return .object(join(object, taken) { named[$0] ?? others })
        case (.elements(let each), .array(var elements), .array(let taken)):
            for (index, value) in zip(elements.indices, taken) where !value.isNull {
                elements[index] = join(elements[index], value, as: each)
            }
            return .array(elements)
        case (.open, _, _), (.members, _, _), (.elements, _, _): return open
        }
    }

    private func join(_ open: JSONObject, _ taken: JSONObject, _ shape: (ElementID) -> Shape) -> JSONObject {
        var left = Dictionary(
            taken.members.map { (ElementID($0.key), $0.value) }, uniquingKeysWith: { _, last in last })
        var members = open.members
        for index in members.indices {
            let key = ElementID(members[index].key)
            guard let value = left.removeValue(forKey: key) else { continue }
            members[index].value = join(members[index].value, value, as: shape(key))
        }
        guard gap == .nothing else { return JSONObject(distinct: members) }
        for member in taken.members {
            let key = ElementID(member.key)
            if left[key] != nil, case .personal = shape(key) { members.append(member) }
        }
        return JSONObject(distinct: members)
    }

    private func fill(_ open: JSONValue, with hidden: JSONValue, as shape: Shape) -> JSONValue {
        switch (shape, open) {
        case (.personal, _): return hidden
        case (.members(let named, let others), .object(let object)):
            var members = object.members
            for index in members.indices {
                let shape = named[ElementID(members[index].key)] ?? others
                members[index].value = fill(members[index].value, with: hidden, as: shape)
            }
            return .object(JSONObject(distinct: members))
        case (.elements(let each), .array(let elements)):
            return .array(elements.map { fill($0, with: hidden, as: each) })
        case (.open, _), (.members, _), (.elements, _): return open
        }
    }
}
