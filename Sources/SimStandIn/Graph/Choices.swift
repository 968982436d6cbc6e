import EventModel
import WorkflowDomain

/// How conditions, routers and fate decide: by a script where there is one, else by a seed; the same run decides the same every time.
struct Choices: Sendable, Equatable {
    /// What a block does, visit by visit; the last word holds for all later visits. By the block's id or name. The word is a row's
    /// id, its last part, or the block it leads to; `fail` makes a block fail.
    var script: [String: [String]] = [:]
    /// What the rest depends on.
    var seed: UInt64 = 1
    /// Which part of the blocks fails, 0 to 1.
    var failRate = 0.0

    /// The way out of a block that chooses.
    func way(out edges: [Edge], of block: Block, visit: Int, run: String) -> String? {
        let ways = edges.filter { Self.isChosen($0) }
        guard !ways.isEmpty else { return nil }
        if let word = word(of: block, visit: visit), word != "fail" {
            return ways.first { Self.matches($0, word) }.flatMap { Self.option($0) }
        }
        return Self.option(ways[Int(draw(block, visit, run) % UInt64(ways.count))])
    }

    /// Whether a block fails.
    func fails(_ block: Block, visit: Int, run: String) -> Bool {
        if let word = word(of: block, visit: visit) { return word == "fail" }
        guard failRate > 0 else { return false }
        return Double(draw(block, visit, run, "fate") >> 11) / Double(UInt64(1) << 53) < failRate
    }

    private func word(of block: Block, visit: Int) -> String? {
        guard let words = script[block.id.text] ?? script[block.name], !words.isEmpty else { return nil }
        return words[min(max(visit, 1), words.count) - 1]
    }

    /// The id of the row or route that leads along `edge`.
    private static func option(_ edge: Edge) -> String? {
        switch edge.handle {
        case .condition(let id), .route(let id): id
        case .always, .success, .failure, .containerStart, .containerEnd, .other: nil
        }
    }

    private static func isChosen(_ edge: Edge) -> Bool { option(edge) != nil }

    private static func matches(_ edge: Edge, _ word: String) -> Bool {
        guard let option = option(edge) else { return false }
        return option == word || option.hasSuffix("-" + word) || edge.target.text == word
    }

    private func draw(_ block: Block, _ visit: Int, _ run: String, _ salt: String = "") -> UInt64 {
        // FNV-1a: the same on every machine and in every process.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed
        for byte in "\(run)/\(block.id.text)/\(visit)/\(salt)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        return hash ^ (hash >> 29)
    }
}
