import EventModel

/// The canonical form is `{title, description, conditions, …, root_id, nodes: {id: node}, edges: […]}` in Parlant's words. Reading it back
/// gives an equal journey.
extension JourneyDefinition: CanonicalElement {
    /// SHA-256 of the canonical form.
    public var digest: ContentDigest { canonicalDigest }

    /// ``extra``.
    public var unknownFields: JSONObject { extra }

    /// In canonical order.
    public func describe(to members: inout some CanonicalMembers & ~Copyable) {
        members.optional("composition_mode", compositionMode)
        members.member("conditions", .texts(conditions))
        members.member("description", summary)
        members.elements("edges", transitions)
        members.member("labels", .texts(labels))
        if !metadata.isEmpty { members.member("metadata", .object(metadata)) }
        members.elements(byID: "nodes", states)
        members.member("priority", .number(JSONNumber(priority)))
        members.member("root_id", root.text)
        members.member("tags", .texts(tags))
        members.member("title", title)
    }
}

extension JourneyState: CanonicalElement, Identifiable {
    /// ``extra``.
    public var unknownFields: JSONObject { extra }

    /// In canonical order.
    public func describe(to members: inout some CanonicalMembers & ~Copyable) {
        members.optional("action", action)
        members.optional("composition_mode", compositionMode)
        members.optional("description", summary)
        members.member("id", id.text)
        members.optional("kind", kind?.rawValue)
        if !labels.isEmpty { members.member("labels", .texts(labels)) }
        if !metadata.isEmpty { members.member("metadata", .object(metadata)) }
        if !tools.isEmpty { members.member("tools", .texts(tools)) }
    }
}

extension JourneyTransition: CanonicalElement {
    /// ``extra``.
    public var unknownFields: JSONObject { extra }

    /// In canonical order.
    public func describe(to members: inout some CanonicalMembers & ~Copyable) {
        members.optional("condition", condition)
        members.member("id", id.text)
        if !metadata.isEmpty { members.member("metadata", .object(metadata)) }
        members.member("source", source.text)
        members.member("target", target.text)
    }
}

extension JSONValue {
    fileprivate static func texts(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
}
