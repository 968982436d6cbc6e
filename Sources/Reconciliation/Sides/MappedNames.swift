import EventModel

/// What of a mapping a comparison needs: which block is which state, and which variable is which key.
public struct MappedNames: Equatable, Sendable {
    /// The workflow.
    public let workflowID: String
    /// The journey.
    public let journeyID: String
    /// Which state of the journey comes behind which; `nil` when nobody knows. Then it may end in any, and none is behind another.
    public let graph: JourneyGraph?
    private let states: [ElementID: [ElementID]]
    private let blocks: [ElementID: ElementID]
    private let keys: [ElementID: String]
    private let variables: [ElementID: ElementID]

    /// Names by their pairs.
    ///
    /// - Parameters:
    ///   - states: the states of each block, the one in which it runs first; none for a block that has none.
    ///   - keys: the key of the conversation's context for each variable, by the name under which an execution is given it.
    ///   - graph: which state comes behind which; `nil` when nobody knows.
    ///
    /// A state or a key that is given to several belongs to the last of them, by name.
    public init(
        workflowID: String, journeyID: String, states: [ElementID: [ElementID]], keys: [ElementID: String] = [:],
        graph: JourneyGraph? = nil
    ) {
        self.workflowID = workflowID
        self.journeyID = journeyID
        self.graph = graph
        self.states = states.filter { !$0.value.isEmpty }
        self.keys = keys
        var blocks: [ElementID: ElementID] = [:]
        for (block, own) in states.sorted(by: { $0.key < $1.key }) {
            for state in own { blocks[state] = block }
        }
        self.blocks = blocks
        var variables: [ElementID: ElementID] = [:]
        for (variable, key) in keys.sorted(by: { $0.key < $1.key }) { variables[ElementID(key)] = variable }
        self.variables = variables
    }

    /// The block that a state stands for.
    public func block(of state: ElementID) -> ElementID? { blocks[state] }

    /// The states that stand for a block, the one in which it runs first.
    public func states(of block: ElementID) -> [ElementID] { states[block] ?? [] }

    /// The key under which the conversation knows a variable.
    public func key(of variable: ElementID) -> String? { keys[variable] }

    /// The variable that the conversation knows under a key.
    public func variable(of key: String) -> ElementID? { variables[ElementID(key)] }

    /// The blocks that have states.
    public var mappedBlocks: Set<ElementID> { Set(states.keys) }

    /// The variables that have keys.
    public var mappedVariables: Set<ElementID> { Set(keys.keys) }

    /// Whether what is told of a journey is about this one; what is told of none in particular may be.
    func concerns(_ journey: ElementID) -> Bool { journey.text.isEmpty || journey == ElementID(journeyID) }
}
