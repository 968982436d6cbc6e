import EventModel

/// The tenants for which a topic is read. Whoever may write to the topic may write to each of them.
public enum InboundWorkspaces: Sendable, Hashable {
    /// Any; one that was never heard of begins with its first message.
    case any
    /// These; messages for others are refused.
    case only(Set<Workspace>)

    /// - Throws: why a message for `workspace` is refused.
    public func admit(_ workspace: Workspace) throws(InboundRejection) {
        guard case .only(let known) = self, !known.contains(workspace) else { return }
        throw InboundRejection(
            .unknownWorkspace, "nothing is taken in for workspace \(workspace), which header ls_workspace names")
    }
}
