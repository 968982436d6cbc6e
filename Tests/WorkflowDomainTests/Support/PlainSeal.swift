import EventModel

/// Puts hidden forms into marked places, as sealing does, written independently of it.
enum PlainSeal {
    static func sealed(_ value: JSONValue, at paths: [[PersonalMark.Step]], with hidden: JSONValue) -> JSONValue {
        sealed(value, at: paths) { _ in hidden }
    }

    static func sealed(
        _ value: JSONValue, at paths: [[PersonalMark.Step]], _ seal: (JSONValue) -> JSONValue
    ) -> JSONValue {
        paths.reduce(value) { sealed($0, $1[...], seal) }
    }

    private static func sealed(
        _ value: JSONValue, _ path: ArraySlice<PersonalMark.Step>, _ seal: (JSONValue) -> JSONValue
    ) -> JSONValue {
        guard let step = path.first else { return value.isNull ? value : seal(value) }
        let rest = path.dropFirst()
        switch (step, value) {
        case (.key(let key), .object(var object)):
            if let member = object[key] { object[key] = sealed(member, rest, seal) }
            return .object(object)
        case (.everyMember, .object(let object)):
            return .object(
                JSONObject(object.members.map { .init(key: $0.key, value: sealed($0.value, rest, seal)) }))
        case (.everyElement, .array(let elements)): return .array(elements.map { sealed($0, rest, seal) })
        case (.key, _), (.everyMember, _), (.everyElement, _): return value
        }
    }
}
