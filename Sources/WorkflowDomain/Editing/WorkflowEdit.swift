import EventModel

/// What somebody at the editor asks for. ``WorkflowDecider`` turns it into a ``WorkflowChange``, or refuses.
///
/// Everything is said as the state that is wanted, never as a toggle, so asking twice changes nothing the second time. Of several blocks or
/// edges, those that a lock protects are passed over; when all of them are, the edit is refused.
public enum WorkflowEdit: Equatable, Sendable {
    /// Add blocks with their edges and containers. What is there already, exactly so, is passed over.
    case addBlocks(WorkflowPart)
    /// Remove blocks, what is inside them, and their edges. What is gone already is passed over.
    case removeBlocks([ElementID])
    /// Put blocks elsewhere on the canvas.
    case moveBlocks([BlockPlace])
    /// Give a block another name.
    case renameBlock(ElementID, name: String)
    /// Let blocks, and what is inside them, take part in executions or not.
    case enableBlocks([ElementID], Bool)
    /// Protect blocks, and what is inside them, from edits or not.
    case lockBlocks([ElementID], Bool)
    /// Put blocks into a container or take them out; edges that would cross its border go.
    case reparentBlocks([BlockReparenting])
    /// Set settings of blocks.
    case configureBlocks([BlockConfiguration])
    /// Set inputs of blocks.
    case setSubBlocks([SubBlockEdit])
    /// Add edges. What is there already, exactly so, is passed over.
    case addEdges([Edge])
    /// Remove edges. What is gone already is passed over.
    case removeEdges([ElementID])
    /// Set how a loop or parallel repeats; of `settings`, `id` and `nodes` are ignored.
    case configureSubflow(ElementID, settings: JSONObject)
    /// Add a variable, or put it in the place of the one with its id.
    case setVariable(Variable)
    /// Set one field of a variable that is there: `name`, `type`, `value` or one that we do not know.
    case changeVariable(ElementID, field: String, value: JSONValue)
    /// Remove a variable. If it is gone already, nothing happens.
    case removeVariable(ElementID)
}

/// The value that an input is to have.
public struct SubBlockEdit: Equatable, Sendable {
    /// The change.
    public let change: SubBlockChange
    /// The value that the input must have now for this to be meant; `nil` when any will do.
    public let expected: JSONValue?

    /// A wish.
    public init(_ change: SubBlockChange, expecting expected: JSONValue? = nil) {
        self.change = change
        self.expected = expected?.canonicalized
    }
}
