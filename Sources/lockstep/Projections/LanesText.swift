import Projector

/// Where among the lanes work is, in a few words.
enum LanesText {
    /// Lanes that are named one by one at the most.
    private static let named = 4

    /// `lane 3 of 12`, `lanes 3, 8 of 12`, `writing all 12 lanes`, `lane 3 of 12 furthest behind, at 4000`.
    static func of(_ atWork: LanesAtWork) -> String {
        switch atWork.work {
        case .folding: lanes(atWork)
        case .writing: "writing \(lanes(atWork))"
        case .hindmost(let position) where atWork.lanes.count == atWork.count: "\(lanes(atWork)) at \(position)"
        case .hindmost(let position): "\(lanes(atWork)) furthest behind, at \(position)"
        }
    }

    private static func lanes(_ atWork: LanesAtWork) -> String {
        let lanes = atWork.lanes
        if lanes.count == atWork.count { return lanes.count == 1 ? "the only lane" : "all \(lanes.count) lanes" }
        var text = lanes.prefix(named).map { "\($0)" }.joined(separator: ", ")
        if lanes.count > named { text += " and \(lanes.count - named) more" }
        return "\(lanes.count == 1 ? "lane" : "lanes") \(text) of \(atWork.count)"
    }
}
