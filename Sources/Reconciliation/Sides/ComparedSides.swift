import EventModel
import WorkflowDomain

extension Comparison.Sides {
    /// What both sides of an execution say, to be held against what they agreed on.
    ///
    /// - **A wait is inside of its block.** A block at which the workflow waits for a person is at work, also where its engine says that it has completed.
    /// - **An end that was not the conversation's own.** Where the workflow is over, the walk may have been ended from outside: the session was closed because
    ///   the execution is over, or the path was forced out of the journey. Then the conversation agrees with how the workflow has ended, and with how the block
    ///   stands that it was taken out of.
    /// - **What cannot be read any more was not taken away.** Where a side has said values that are sealed or erased for whoever compares, the variables that
    ///   it may have said are hidden: those that both agreed on. Where the workflow's whole input is hidden, so are those that the journey tells.
    ///
    /// - Parameter names: the mapping that the execution pinned; without one nothing but the status is mapped.
    public init(base: Agreement, workflow: WorkflowSide, journey: JourneySide, names: MappedNames?) {
        self.init(base: base, workflow: workflow.claims, journey: journey.claims(by: names))
        waitsAt = workflow.waitsAt
        waitInside()
        mappedBlocks = names?.mappedBlocks ?? []
        mappedVariables = names?.mappedVariables ?? []
        if workflow.isOver, let ending = journey.outsideEnding(by: names) { follow(ending, names) }
        hideVariables(workflow, journey)
    }

    /// An engine may say that a block has completed when it begins to wait there. Whoever waits has not passed.
    private mutating func waitInside() {
        guard let block = waitsAt, let waiting = workflow[.status] else { return }
        if workflow[.step(block)]?.value == .step(.started) { return }
        workflow.set(Claim(.step(block), .step(.started), waiting.origin))
    }

    private mutating func follow(_ ending: JourneySide.OutsideEnding, _ names: MappedNames?) {
        let block = ending.place.flatMap { names?.block(of: $0) }
        for path in [.status] + (block.map { [FieldPath.step($0)] } ?? []) {
            guard let value = workflow[path].flatMap({ journeyWords.word(for: $0.value) }) else { continue }
            if journey[path]?.value != value { journey.set(Claim(path, value, ending.origin)) }
        }
    }

    private mutating func hideVariables(_ workflow: WorkflowSide, _ journey: JourneySide) {
        let agreed = base.fields.map(\.path).filter { $0.root == .variables }
        if let hidden = workflow.inputHidden {
            let told = self.journey.all.map(\.path).filter { $0.root == .variables }
            for path in Set(agreed + told) { self.workflow.set(Claim(path, .hidden, hidden)) }
        }
        if let hidden = journey.sayings.hiddenSince {
            for path in agreed where self.journey[path] == nil {
                self.journey.set(Claim(path, .hidden, hidden))
            }
        }
    }
}
