import EventModel
import WorkflowDomain

/// When a way out of a block is taken, in words.
enum PortWording {
    /// What stands for "if nothing else applies".
    static let otherwise = "otherwise"

    /// The condition of a transition by a port of `block`; most have none, and then nobody looks at the block.
    /// - Parameters:
    ///   - isOnly: whether no other way leaves the block; rows keep their condition even then.
    ///   - target: the title of the block that is entered, by which a router of the old kind names its choice.
    static func condition(
        of kind: Port.Kind, _ branch: @autoclosure () -> Branch?, of block: @autoclosure () -> Block, isOnly: Bool,
        target: @autoclosure () -> String?
    ) -> String? {
        switch kind {
        case .row: return row(branch())
        case .noRow: return otherwise
        case .named(let handle):
            guard !isOnly else { return nil }
            let block = block()
            if block.type == "router", let target = target() { return "the choice is \(target)" }
            return named(handle, block)
        case .success: return isOnly ? nil : "\(block().title) succeeded"
        case .failure: return "\(block().title) failed"
        case .start: return block().type == "loop" ? "another round is needed" : "a branch has not been visited yet"
        case .end where isOnly: return nil
        case .end: return block().type == "loop" ? "no further round is needed" : "all branches have been visited"
        }
    }

    private static func row(_ branch: Branch?) -> String {
        guard let branch, !branch.isElse else { return otherwise }
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
