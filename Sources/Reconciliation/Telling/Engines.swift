import WorkflowDomain

extension Capabilities {
    /// Sim: the block that waits can be resumed with an input, and a run can be cancelled. It has no other way in from outside.
    public static let sim = Capabilities([
        Declaration(
            .fields(of: .status), .settableWhen([.queued, .running, .waiting, .paused]), only: ["cancelled"],
            because: "a run that is not over can be cancelled, and put nowhere else"),
        Declaration(
            .fields(of: .steps), .settableWhen([.waiting]), only: ["completed"], whereItWaits: true,
            because: "the block at which a run waits can be resumed; all others run by themselves"),
        Declaration(
            .data(of: .inputs), .settableWhen([.waiting]), whereItWaits: true,
            because: "a block takes its input when it is resumed, and never again"),
        Declaration(
            .data(of: .variables), .readOnly,
            because: "the variables of a run are its own; nobody can set them from outside"),
        Declaration(.data(of: .outputs), .readOnly, because: "what a block has answered is what it has done"),
        Declaration(.data(of: .error), .readOnly, because: "what has ended a run has happened"),
    ])

    /// Parlant: the path of a conversation can be forced, a journey can be left, and a custom event tells of data.
    public static let parlant = Capabilities([
        Declaration(
            .fields(of: .status), .settableWhen([.running]), only: ["completed", "cancelled"],
            because: "a journey can be left while its conversation runs; it cannot be begun again"),
        Declaration(
            .fields(of: .steps), .settableWhen([.running]),
            because: "the path of a conversation can be forced while it runs"),
        Declaration(.data(of: .variables), .settable, because: "a custom event tells the conversation of them"),
        Declaration(.data(of: .inputs), .settable, because: "a custom event tells the conversation of them"),
        Declaration(.data(of: .outputs), .readOnly, because: "a conversation does not know what blocks have answered"),
        Declaration(.data(of: .error), .readOnly, because: "a conversation does not know why a run has failed"),
    ])
}

/// What both sides of an execution can be told.
public struct Telling: Sendable, Hashable {
    /// What the workflow can be told.
    public var workflow: Capabilities
    /// What the journey can be told.
    public var journey: Capabilities

    /// Capabilities of both sides.
    public init(workflow: Capabilities, journey: Capabilities) {
        self.workflow = workflow
        self.journey = journey
    }

    /// Both can be told everything.
    public static let everything = Telling(workflow: .everything, journey: .everything)

    /// Sim and Parlant, for what is decided without a connector. A program that has connectors goes by what they declare; tests hold both to be the same.
    public static let engines = Telling(workflow: .sim, journey: .parlant)

    /// What a side can be told.
    public subscript(_ side: Side) -> Capabilities { side == .workflow ? workflow : journey }
}
