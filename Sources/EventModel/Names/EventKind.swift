/// The part of an event that repeats: which workspace, which category, which type.
///
/// A log holds millions of events and a few hundred kinds, so a kind is stored once, shared by reference, and costs a
/// reader no allocation per event.
public final class EventKind: Hashable, Sendable {
    /// The tenant.
    public let workspace: Workspace
    /// The category of the stream that the event is in.
    public let category: Category
    /// What happened.
    public let type: EventType

    /// A kind of checked parts.
    public init(workspace: Workspace, category: Category, type: EventType) {
        self.workspace = workspace
        self.category = category
        self.type = type
    }

    /// A kind read back from where its parts were checked.
    public convenience init(trustingWorkspace workspace: String, category: String, type: String) {
        self.init(
            workspace: Workspace(unchecked: workspace), category: Category(unchecked: category),
            type: EventType(trusting: type))
    }

    /// Equal when all three parts are.
    public static func == (lhs: EventKind, rhs: EventKind) -> Bool {
        lhs === rhs || (lhs.workspace == rhs.workspace && lhs.category == rhs.category && lhs.type == rhs.type)
    }

    /// Feeds what makes it equal.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(workspace)
        hasher.combine(category)
        hasher.combine(type)
    }
}
