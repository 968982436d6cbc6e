/// Which fields of a payload are wanted, as a tree of names: made once, used for every event.
struct PayloadShape: Sendable {
    /// A name on the way to what is wanted. It refers to others by their places, so that looking one up counts no references.
    struct Node: Sendable, BitwiseCopyable {
        let name: StaticString
        /// Where its own value goes; ``none`` when only something inside of it is wanted.
        var place = Self.none
        /// The first of the names that are wanted of the object that it holds.
        var inside = Self.none
        /// The next name that is wanted of the same object.
        var next = Self.none

        /// No node, no place.
        static let none = -1
    }

    /// The names on the way from the top object to each field.
    let paths: [PayloadFields.Path]
    /// All names; the first is the first of those that are wanted of the top object.
    let nodes: [Node]

    /// The fields at `paths`, each of which goes to its place among them; a path given twice goes to the first.
    init(_ paths: [PayloadFields.Path]) {
        self.paths = paths
        var nodes: [Node] = []
        for (place, path) in paths.enumerated() { Self.add(path[...], at: place, to: &nodes) }
        self.nodes = nodes
    }

    private static func add(_ path: ArraySlice<StaticString>, at place: Int, to nodes: inout [Node]) {
        var level = nodes.isEmpty ? Node.none : 0
        var parent = Node.none
        for name in path {
            var (node, last) = (level, Node.none)
            while node != Node.none, !PayloadFields.same(nodes[node].name, name) {
                (last, node) = (node, nodes[node].next)
            }
            if node == Node.none {
                node = nodes.endIndex
                nodes.append(Node(name: name))
                if last != Node.none {
                    nodes[last].next = node
                } else if parent != Node.none {
                    nodes[parent].inside = node
                }
            }
            (parent, level) = (node, nodes[node].inside)
        }
        if parent != Node.none, nodes[parent].place == Node.none { nodes[parent].place = place }
    }
}

extension PayloadShape: ExpressibleByArrayLiteral {
    /// The fields at these paths.
    init(arrayLiteral paths: PayloadFields.Path...) { self.init(paths) }
}
