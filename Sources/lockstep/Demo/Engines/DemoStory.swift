/// What happens to one execution of the demonstration while both engines work on it.
enum DemoStory: String, CaseIterable, Sendable {
    /// The customer answers in the conversation; nobody has told the run.
    case answered
    /// Somebody resumes the run at Sim; nobody has told the conversation.
    case resumed
    /// Somebody cancels the run at Sim while the conversation goes on.
    case cancelled
    /// Both sides set the same variable, to different values, before the customer answers.
    case disputed
    /// The run is resumed with one answer while the customer gives another.
    case contradicted
    /// The conversation goes to a state that the run never comes to.
    case wandered

    /// For people, in a table.
    var sentence: String {
        switch self {
        case .answered: "customer answers, run waits"
        case .resumed: "run resumed at Sim"
        case .cancelled: "run cancelled at Sim"
        case .disputed: "both set one variable"
        case .contradicted: "two answers to one question"
        case .wandered: "conversation went elsewhere"
        }
    }

    /// Whether both sides say something of their own.
    var isDisputed: Bool { self == .disputed || self == .contradicted }
}
