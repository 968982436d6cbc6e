import EventModel
import WorkflowDomain

/// When a way out of a block is taken, in words.
enum PortWording {
    /// What stands for "if nothing else applies".
    static let otherwise = "otherwise"

    /// The condition of a transition by `port` of `block`.
    /// - Parameters:
    ///   - isOnly: whether no other way leaves the block; rows keep their condition even then.
    ///   - target: the block that is entered, by which a router of the old kind names its choice.
    static func condition(of port: Port, of block: Block, isOnly: Bool, target: Block?) -> String? {
        switch port.kind {
        case .row: return row(port)
        case .noRow: return otherwise
        case .named where block.type == "router" && !isOnly && target != nil:
            return "the choice is \(target?.title ?? "")"
        case .named(let handle): return isOnly ? nil : named(handle, block)
        case .success: return isOnly ? nil : "\(block.title) succeeded"
        case .failure: return "\(block.title) failed"
        case .start: return block.type == "loop" ? "another round is needed" : "a branch has not been visited yet"
        case .end where isOnly: return nil
        case .end: return block.type == "loop" ? "no further round is needed" : "all branches have been visited"
        }
    }

    private static func row(_ port: Port) -> String {
        guard let branch = port.branch, !branch.isElse else { return otherwise }
        if !branch.expression.isEmpty { return branch.expression }
        return branch.title.isEmpty ? "the choice is “\(branch.id)”" : branch.title
    }

    private static func named(_ handle: String, _ block: Block) -> String {
        for prefix in ["condition-", "router-"] where handle.utf8.starts(with: prefix.utf8) {
            var choice = handle.dropFirst(prefix.count)
            if choice.hasPrefix(block.id.text + "-") { choice = choice.dropFirst(block.id.text.count + 1) }
            return choice == "else" ? otherwise : "the choice is “\(choice)”"
        }
        return "the outcome is “\(handle)”"
    }
}
