import EventModel

extension SessionFact {
    /// Where the facts hold personal data when they are stored in a category: the schemas' `x-personal` marks.
    public static func personalMarks(in category: String) -> [PersonalMark] {
        Kind.allCases.flatMap { kind in
            kind.personalPaths.map { path in
                PersonalMark(kind.type(in: category), version: schemaVersion, at: path, of: .member("subject"))
            }
        }
    }
}

extension SessionFact.Kind {
    /// The personal places of the fact's data. What people and tools say, what clients attach, and everything that is not known to be
    /// harmless.
    fileprivate var personalPaths: [[PersonalMark.Step]] {
        let attached: [[PersonalMark.Step]] = [[.key("metadata")], [.key("rest")]]
        switch self {
        case .described: return attached + [[.key("title")]]
        case .messagePosted:
            return attached + [[.key("text")], [.key("participant"), .key("name")], [.key("detail")]]
        case .toolCalled:
            let members = ["arguments", "result", "detail"]
            let calls = members.map { [PersonalMark.Step.key("calls"), .everyElement, .key($0)] }
            return attached + calls + [[.key("detail")]]
        case .inputCollected: return attached + [[.key("value")], [.key("detail")]]
        case .customPosted, .eventReported: return attached + [[.key("data")]]
        case .statusReported: return attached + [[.key("detail")]]
        case .eventAmended: return [[.key("metadata")]]
        case .bound, .pathsReported, .journeyRenumbered, .turnCompleted, .turnFailed, .turnCancelled, .stateEntered,
            .stateLeft, .rewound, .modeChanged, .closed:
            return []
        }
    }
}
