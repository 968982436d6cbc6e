import EventModel

extension WorkflowDefinition {
    /// Fields that change without the workflow changing: times of saving, exporting and deploying, and the state of
    /// deployment. They are kept, but the digest does not see them. A position is not among them: a move is a revision.
    public static let volatileFields: Set<String> = [
        "exportedAt", "lastSaved", "lastUpdate", "updatedAt", "isDeployed", "deployedAt", "deploymentStatuses",
        "needsRedeployment",
    ]

    /// SHA-256 of the canonical form without ``volatileFields``.
    public var digest: ContentDigest { Lasting(workflow: self).canonicalDigest }

    /// A workflow without its volatile fields.
    private struct Lasting: CanonicalElement {
        let workflow: WorkflowDefinition

        var unknownFields: JSONObject { workflow.extra.removing(volatileFields) }

        func describe(to members: inout some CanonicalMembers & ~Copyable) {
            workflow.describe(to: &members, metadata: workflow.metadata.removing(volatileFields))
        }
    }
}

/// The canonical form is a Sim state: `{blocks, edges, loops, parallels, variables, metadata}`. Reading it back gives an equal definition.
extension WorkflowDefinition: CanonicalElement {
    /// ``extra``.
    public var unknownFields: JSONObject { extra }

    /// In canonical order.
    public func describe(to members: inout some CanonicalMembers & ~Copyable) {
        describe(to: &members, metadata: metadata)
    }

    private func describe(to members: inout some CanonicalMembers & ~Copyable, metadata: JSONObject) {
        members.elements(byID: "blocks", blocks)
        members.elements("edges", edges)
        members.elements(byID: "loops", loops)
        members.member("metadata", .object(metadata))
        members.elements(byID: "parallels", parallels)
        members.elements(byID: "variables", variables)
    }
}

extension Block: CanonicalElement, Identifiable {
    /// ``extra``.
    public var unknownFields: JSONObject { extra }

    /// In canonical order.
    public func describe(to members: inout some CanonicalMembers & ~Copyable) {
        if !data.isEmpty { members.member("data", .object(data)) }
        members.member("enabled", .bool(isEnabled))
        members.member("id", id.text)
        members.member("name", name)
        members.member("outputs", .object(outputs))
        if let position { members.member("position", position.canonicalValue) }
        members.elements(byID: "subBlocks", subBlocks)
        members.member("type", type)
    }
}

extension Position {
    fileprivate var canonicalValue: JSONValue {
        .object(JSONObject([.init(key: "x", value: .number(x)), .init(key: "y", value: .number(y))]))
    }
}

extension SubBlock: CanonicalElement, Identifiable {
    /// ``extra``; it may spell the id in its own way.
    public var unknownFields: JSONObject { extra }

    /// In canonical order.
    public func describe(to members: inout some CanonicalMembers & ~Copyable) {
        if extra["id"] == nil { members.member("id", id.text) }
        members.optional("type", type)
        members.optional("value", value)
    }
}

extension Edge: CanonicalElement {
    /// ``extra``.
    public var unknownFields: JSONObject { extra }

    /// In canonical order.
    public func describe(to members: inout some CanonicalMembers & ~Copyable) {
        members.member("id", id.text)
        members.member("source", source.text)
        members.optional("sourceHandle", sourceHandle)
        members.member("target", target.text)
        members.optional("targetHandle", targetHandle)
    }
}

extension Container: CanonicalElement, Identifiable {
    /// ``settings``.
    public var unknownFields: JSONObject { settings }

    /// In canonical order.
    public func describe(to members: inout some CanonicalMembers & ~Copyable) {
        members.member("id", id.text)
        members.member("nodes", .array(nodes.map { .string($0.text) }))
    }
}

extension Variable: CanonicalElement, Identifiable {
    /// ``extra``.
    public var unknownFields: JSONObject { extra }

    /// In canonical order.
    public func describe(to members: inout some CanonicalMembers & ~Copyable) {
        members.member("id", id.text)
        members.member("name", name)
        members.optional("type", type)
        members.optional("value", value)
    }
}
