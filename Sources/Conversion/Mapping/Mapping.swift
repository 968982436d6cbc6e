import EventModel

/// Which element of a workflow is which of a journey, for one version of each.
///
/// Everything that compares or repairs a running execution and its conversation goes by a mapping. It is content: the number that it has
/// among the mappings of its workflow, and whether it is active, is decided in its stream (``MappingDecider``).
public struct Mapping: Equatable, Sendable {
    /// A block and the states that stand for it; none for annotations and for what was folded into a neighbour.
    public struct Node: Hashable, Sendable {
        /// The block.
        public let block: ElementID
        /// Its states, the one in which it runs first.
        public let states: [ElementID]

        /// A pair.
        public init(block: ElementID, states: [ElementID]) {
            self.block = block
            self.states = states
        }
    }

    /// An edge and the transitions that stand for it; none for what has no native form.
    public struct Link: Hashable, Sendable {
        /// The edge.
        public let edge: ElementID
        /// Its transitions.
        public let transitions: [ElementID]

        /// A pair.
        public init(edge: ElementID, transitions: [ElementID]) {
            self.edge = edge
            self.transitions = transitions
        }
    }

    /// A variable and the key of the conversation's context that stands for it.
    public struct Context: Hashable, Sendable {
        /// The variable.
        public let variable: ElementID
        /// The key.
        public let key: String

        /// A pair.
        public init(variable: ElementID, key: String) {
            self.variable = variable
            self.key = key
        }
    }

    /// The workflow's id: the key of the mapping's stream.
    public let workflowID: String
    /// The journey's id.
    public let journeyID: String
    /// The digest of the workflow's definition.
    public let workflowDigest: ContentDigest
    /// The digest of the journey's definition.
    public let journeyDigest: ContentDigest
    /// The rules by which it was made; see ``ConversionRules/version``.
    public let rules: Int
    /// All blocks, ordered by id.
    public let nodes: [Node]
    /// All edges, ordered by id.
    public let links: [Link]
    /// All variables, ordered by id.
    public let contexts: [Context]

    /// A mapping; the pairs are put into order.
    public init(
        workflowID: String, journeyID: String, workflowDigest: ContentDigest, journeyDigest: ContentDigest,
        rules: Int = ConversionRules.version, nodes: [Node], links: [Link], contexts: [Context]
    ) {
        self.workflowID = workflowID
        self.journeyID = journeyID
        self.workflowDigest = workflowDigest
        self.journeyDigest = journeyDigest
        self.rules = rules
        self.nodes = nodes.ordered(by: \.block)
        self.links = links.ordered(by: \.edge)
        self.contexts = contexts.ordered(by: \.variable)
    }
}

extension Mapping {
    /// The block of every state, for look-ups from the journey's side.
    public var blocksByState: [ElementID: ElementID] {
        var blocks: [ElementID: ElementID] = [:]
        for node in nodes { for state in node.states { blocks[state] = node.block } }
        return blocks
    }

    /// The states of every block, for look-ups from the workflow's side.
    public var statesByBlock: [ElementID: [ElementID]] {
        Dictionary(nodes.map { ($0.block, $0.states) }, uniquingKeysWith: { first, _ in first })
    }
}
