import EventModel
import Testing
import WorkflowDomain

/// A stream in memory: commands are decided against what came before, and what they cause is folded.
struct WorkflowHistory {
    private(set) var events: [WorkflowEvent] = []
    private(set) var state = WorkflowDecider.initialState

    init() {}

    init(_ value: JSONValue) throws { try apply(try read(value).command) }

    var current: CurrentWorkflow? {
        guard case .present(let workflow) = state else { return nil }
        return workflow
    }

    var definition: WorkflowDefinition { current?.definition ?? WorkflowDefinition(blocks: [], edges: []) }

    /// Decides and folds; the same command again must append nothing.
    @discardableResult
    mutating func apply(_ command: WorkflowDecider.Command) throws -> [WorkflowEvent] {
        let decided = try WorkflowDecider.decide(command, state)
        state = WorkflowDecider.fold(state, decided)
        events += decided
        let again = try WorkflowDecider.decide(command, state)
        #expect(again.isEmpty, "\(command) twice")
        return decided
    }

    @discardableResult
    mutating func edit(_ edit: WorkflowEdit) throws -> [WorkflowEvent] { try apply(.edit(edit)) }

    /// Every event is JSON that the log takes, reads back equal, and folds alike.
    func checkStorage(_ comment: String) throws {
        var folded = WorkflowDecider.initialState
        for event in events {
            let data = event.encoded()
            try JSONDoor.validate(data)
            let again = try WorkflowEvent(decoding: data, type: event.type, schemaVersion: event.schemaVersion)
            #expect(again == event && again.encoded() == data, "\(comment), \(event.type)")
            folded = WorkflowDecider.evolve(folded, again)
        }
        #expect(folded == state, "\(comment)")
    }
}

extension RandomWorkflow {
    /// The workflow as it is read from a state.
    func reading() throws -> WorkflowReading { try read(state) }
}
