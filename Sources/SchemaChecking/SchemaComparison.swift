import EventModel

/// Holds one schema to the one that was released under its name.
struct SchemaComparison {
    private let file: String
    private let cure: String
    private let released: JSONValue
    private let current: JSONValue
    /// References that are being compared, so that a schema that refers to itself comes to an end.
    private var visited: Set<[String]> = []
    private var found: Set<Objection> = []

    /// What is said to people, and changes nothing for readers.
    private static let words: Set<String> = ["description", "$comment", "examples", "$defs", "$ref"]
    /// What holds further schemas, or is compared together with them.
    private static let nested: Set<String> = [
        "properties", "required", "items", "additionalProperties", "anyOf", "oneOf", "allOf", "if", "then", "else",
        "not",
    ]

    init(file: String, cure: String, released: JSONValue, current: JSONValue) {
        self.file = file
        self.cure = cure
        self.released = released
        self.current = current
    }

    mutating func objections() -> [Objection] {
        compare(released, current, at: "")
        return found.sorted()
    }

    private mutating func object(_ place: String, _ reason: String) {
        found.insert(Objection(file: file, place: place, reason: reason, cure: cure))
    }

    private mutating func compare(_ before: JSONValue, _ now: JSONValue, at place: String) {
        let references = [before["$ref"]?.string ?? "", now["$ref"]?.string ?? "", place]
        if references.prefix(2).contains(where: { !$0.isEmpty }) {
            // The same pair at a deeper place says nothing new.
            guard visited.insert(Array(references.prefix(2))).inserted || !isRecursive(place) else { return }
        }
        let old = Self.resolved(before, in: released)
        let new = Self.resolved(now, in: current)
        guard let oldRules = old.object, let newRules = new.object else {
            if old != new { object(place, "has another schema now") }
            return
        }
        for keyword in Set(oldRules.keys).union(newRules.keys).sorted()
        where !Self.words.contains(keyword) && !Self.nested.contains(keyword) {
            compare(keyword, old[keyword], new[keyword], at: place)
        }
        compareProperties(old, new, at: place)
        compareInside(old, new, at: place)
    }

    private mutating func compare(_ keyword: String, _ before: JSONValue?, _ now: JSONValue?, at place: String) {
        guard !Self.same(keyword, before, now) else { return }
        switch keyword {
        case "x-personal":
            object(place, "has another x-personal mark: what is stored is sealed, or open, as the old one says")
        case "type":
            object(
                place,
                "was \(Self.text(before)) and is \(Self.text(now)) now, which readers of this version do not take")
        case "enum":
            let (old, new) = (before?.array ?? [], now?.array ?? [])
            let lost = old.filter { !new.contains($0) }.map(Self.text).joined(separator: ", ")
            let added = new.filter { !old.contains($0) }.map(Self.text).joined(separator: ", ")
            if before == nil || now == nil || !lost.isEmpty {
                object(
                    place,
                    "may no longer be what it could be\(lost.isEmpty ? "" : " (\(lost))"): such events are stored")
            }
            if !added.isEmpty { object(place, "may be \(added) now, which readers of this version do not know") }
        default: object(place, "has \(keyword) \(Self.text(now)) where it was \(Self.text(before))")
        }
    }

    private mutating func compareProperties(_ old: JSONValue, _ new: JSONValue, at place: String) {
        let before = old["properties"]?.object
        let now = new["properties"]?.object
        let wasRequired = Self.names(old["required"])
        let isRequired = Self.names(new["required"])
        for member in before?.members ?? [] {
            let inside = Self.join(place, member.key)
            guard let property = now?[member.key] else {
                object(inside, "is gone: it was dropped or renamed, and readers of this version read it")
                continue
            }
            compare(member.value, property, at: inside)
        }
        for name in wasRequired.subtracting(isRequired).sorted() where now?[name] != nil || before?[name] == nil {
            object(Self.join(place, name), "was required and is optional now, and readers of this version rely on it")
        }
        for name in isRequired.subtracting(wasRequired).sorted() {
            object(
                Self.join(place, name),
                before?[name] == nil
                    ? "is new and required, and stored events lack it"
                    : "was optional and is required now, and stored events may lack it")
        }
    }

    private mutating func compareInside(_ old: JSONValue, _ new: JSONValue, at place: String) {
        for keyword in ["items", "additionalProperties", "if", "then", "else", "not"] {
            let inside =
                keyword == "items" ? "\(place)[]" : keyword == "additionalProperties" ? Self.join(place, "*") : place
            switch (old[keyword], new[keyword]) {
            case (nil, nil): break
            case (let before?, let now?): compare(before, now, at: inside)
            case (_?, nil): object(place, "has no \(keyword) any more")
            case (nil, _?): object(place, "has \(keyword) now")
            }
        }
        for keyword in ["anyOf", "oneOf", "allOf"] {
            let (before, now) = (old[keyword]?.array ?? [], new[keyword]?.array ?? [])
            guard before.count == now.count else {
                object(place, "has \(now.count) alternatives (\(keyword)) where it had \(before.count)")
                continue
            }
            for (before, now) in zip(before, now) { compare(before, now, at: place) }
        }
    }

    /// A place so deep that only a schema which refers to itself gets there.
    private func isRecursive(_ place: String) -> Bool { place.split(separator: ".").count > 32 }
}

extension SchemaComparison {
    /// What a reference refers to, with the marks that stand beside it.
    private static func resolved(_ schema: JSONValue, in root: JSONValue) -> JSONValue {
        var schema = schema
        for _ in 0..<16 {
            guard let reference = schema["$ref"]?.string, reference.hasPrefix("#/$defs/"),
                let target = root["$defs"]?[String(reference.dropFirst("#/$defs/".count))]
            else { return schema }
            schema = beside(schema, target)
        }
        return schema
    }

    /// Rules that stand beside a reference hold as well.
    private static func beside(_ schema: JSONValue, _ target: JSONValue) -> JSONValue {
        guard var merged = target.object, let own = schema.object else { return target }
        for member in own.members where member.key != "$ref" {
            if member.key == "properties", let inner = merged["properties"]?.object, let given = member.value.object {
                merged["properties"] = .object(joined(inner, given))
            } else {
                merged[member.key] = member.value
            }
        }
        return .object(merged)
    }

    private static func joined(_ target: JSONObject, _ own: JSONObject) -> JSONObject {
        var properties = target
        for member in own.members {
            guard var rules = properties[member.key]?.object, let given = member.value.object else {
                properties[member.key] = member.value
                continue
            }
            for rule in given.members { rules[rule.key] = rule.value }
            properties[member.key] = .object(rules)
        }
        return properties
    }

    private static func names(_ list: JSONValue?) -> Set<String> { Set((list?.array ?? []).compactMap(\.string)) }

    /// The order of a list of types or values says nothing.
    private static func same(_ keyword: String, _ before: JSONValue?, _ now: JSONValue?) -> Bool {
        guard keyword == "type" || keyword == "enum" else { return before == now }
        let lists = [before, now].map { value in
            value.map { value in
                Set((value.array ?? [value]).map { String(decoding: $0.canonicalBytes(), as: UTF8.self) })
            }
        }
        return lists[0] == lists[1]
    }

    private static func join(_ place: String, _ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

    private static func text(_ value: JSONValue?) -> String {
        value.map { String(decoding: $0.compactBytes(), as: UTF8.self) } ?? "nothing"
    }
}
