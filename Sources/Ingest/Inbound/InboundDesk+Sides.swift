import EventModel
import EventSourcing
import WorkflowDomain

extension InboundDesk {
    /// A desk for everything that is taken in: sessions, workflows and executions.
    ///
    /// - Parameters:
    ///   - ledger: remembers named messages.
    ///
    /// An execution pins the mapping that is active for its workflow with its first event; see ``ActiveMappings``.
    public init<Store: EventStore>(
        into store: Store, workspace: Workspace = .default, remembering ledger: Ledger,
        limits: CommandLimits = CommandLimits(),
        time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource()
    ) {
        let making = DeskMaking(store: store, workspace: workspace, limits: limits, time: time, random: random)
        let mappings = ActiveMappings(of: workspace, in: store)
        // What is told by its marks comes first; whatever is left may be about an execution.
        self.init(
            workspace: workspace,
            sides: [
                making.desk(SessionSide()), making.desk(WorkflowSide(of: workspace)),
                making.desk(ExecutionSide(pins: { mappings.pin(for: $0) })),
            ],
            ledger: ledger, preparation: { () async throws(StoreError) in try await mappings.refresh() })
    }

    /// A desk for one side.
    public init<Side: InboundSide, Store: EventStore>(
        of side: Side, into store: Store, workspace: Workspace = .default, remembering ledger: Ledger,
        limits: CommandLimits = CommandLimits(), time: any Timekeeper = SystemTimekeeper(),
        random: any RandomSource = SystemRandomSource()
    ) {
        let making = DeskMaking(store: store, workspace: workspace, limits: limits, time: time, random: random)
        self.init(workspace: workspace, sides: [making.desk(side)], ledger: ledger)
    }
}

/// What the desks of all sides have in common.
private struct DeskMaking<Store: EventStore> {
    let store: Store
    let workspace: Workspace
    let limits: CommandLimits
    let time: any Timekeeper
    let random: any RandomSource

    func desk<Side: InboundSide>(_ side: Side) -> any SideDesk {
        let handler = CommandHandler<Side.D, Store>(
            store, workspace: workspace, limits: limits,
            consequences: Side.hasConsequences ? side.commandConsequences : nil, time: time,
            random: random)
        return StreamSideDesk(side: side, handler: handler, known: KnownCommands(store))
    }
}

extension InboundSide {
    fileprivate var commandConsequences: CommandConsequences<D> {
        { command, events, state in
            consequences(of: command.command, in: command.stream, events: events, behind: state)
        }
    }
}
