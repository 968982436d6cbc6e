/// The circles of a graph: its strongly connected components, by Tarjan's algorithm without recursion, for a chain may be long.
enum StrongComponents {
    /// The components of more than one node, each in the order of the nodes.
    ///
    /// - Parameter following: the nodes that each node leads to.
    static func circles(_ following: [[Int]]) -> [[Int]] {
        var search = Search(following)
        for node in following.indices where search.number[node] == 0 { search.visit(node) }
        return search.circles.sorted { $0[0] < $1[0] }
    }

    private struct Search {
        let following: [[Int]]
        /// When a node was first seen, from 1; 0 before that.
        var number: [Int]
        private var lowest: [Int]
        private var isOpen: [Bool]
        private var open: [Int] = []
        private var count = 0
        private(set) var circles: [[Int]] = []

        init(_ following: [[Int]]) {
            self.following = following
            number = Array(repeating: 0, count: following.count)
            lowest = number
            isOpen = Array(repeating: false, count: following.count)
        }

        mutating func visit(_ start: Int) {
            var trail: [(node: Int, next: Int)] = []
            enter(start, &trail)
            while let (node, next) = trail.last {
                if next < following[node].count {
                    trail[trail.count - 1].next += 1
                    let target = following[node][next]
                    if number[target] == 0 {
                        enter(target, &trail)
                    } else if isOpen[target] {
                        lowest[node] = min(lowest[node], number[target])
                    }
                } else {
                    trail.removeLast()
                    if let before = trail.last { lowest[before.node] = min(lowest[before.node], lowest[node]) }
                    if lowest[node] == number[node] { close(node) }
                }
            }
        }

        private mutating func enter(_ node: Int, _ trail: inout [(node: Int, next: Int)]) {
            count += 1
            number[node] = count
            lowest[node] = count
            isOpen[node] = true
            open.append(node)
            trail.append((node, 0))
        }

        private mutating func close(_ root: Int) {
            var component: [Int] = []
            while let node = open.popLast() {
                isOpen[node] = false
                component.append(node)
                if node == root { break }
            }
            if component.count > 1 { circles.append(component.sorted()) }
        }
    }
}

/// Which nodes of a graph can be reached.
enum Reachability {
    /// Whether each node can be reached from `starts`, themselves included.
    static func reached(from starts: [Int], _ following: [[Int]]) -> [Bool] {
        var reached = Array(repeating: false, count: following.count)
        var waiting = starts
        while let node = waiting.popLast() {
            guard !reached[node] else { continue }
            reached[node] = true
            waiting += following[node].lazy.filter { !reached[$0] }
        }
        return reached
    }

    /// The same graph with every way turned round.
    static func reversed(_ following: [[Int]]) -> [[Int]] {
        var reversed: [[Int]] = Array(repeating: [], count: following.count)
        for (node, targets) in following.enumerated() {
            for target in targets { reversed[target].append(node) }
        }
        return reversed
    }
}
