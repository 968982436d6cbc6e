import EventModel

/// The rule of an execution: a report is a fact only when it adds something to what is known.
///
/// The state is a join of everything reported, so reports may come in any order and any number of times; the same reports always
/// amount to the same state.
public enum ExecutionDecider: Decider {
    /// What is known of the execution.
    public typealias State = ExecutionState
    /// What happens; see ``ExecutionEvent``.
    public typealias Event = ExecutionEvent
    /// Why a report is refused.
    public typealias Rejection = ExecutionRejection

    /// What may be asked.
    public enum Command: Equatable, Sendable {
        /// Take this report in. `pin` is the mapping that is active for the workflow now; it is written down if and only if this report
        /// is the first to say that the execution has begun.
        case report(ExecutionReport, pin: MappingPin?)
    }

    /// Nothing is known.
    public static let initialState = ExecutionState()

    /// The state after one more event.
    public static func evolve(_ state: State, _ event: Event) -> State {
        var state = state
        state.receive(event)
        return state
    }

    /// In place.
    public static func evolve(_ state: inout State, by event: Event) { state.receive(event) }

    /// The report as an event when it adds something, preceded by an implied start when it is the first to show that the execution has
    /// begun; else nothing.
    public static func decide(_ command: Command, _ state: State) throws(Rejection) -> [Event] {
        var state = state
        return try decide(command, on: &state)
    }

    /// In place: the step that is decided is the step that is made.
    public static func decide(_ command: Command, on state: inout State) throws(Rejection) -> [Event] {
        switch command {
        case .report(let report, let pin): try decide(report, pin: pin, on: &state)
        }
    }

    private static func decide(
        _ report: ExecutionReport, pin: MappingPin?, on state: inout State
    ) throws(Rejection) -> [Event] {
        let contents = CanonicalContents(report.contents)
        guard contents.bytes <= ExecutionLimits.contentBytes else {
            throw .contentTooLarge(bytes: contents.bytes, limit: ExecutionLimits.contentBytes)
        }
        let step = try state.step(report, contents)
        guard step.isNew else { return [] }
        let isFirst = report.fact.impliesStart && !state.hasStarted
        guard isFirst else { return [make(step, report, on: &state)] }
        if case .started = report.fact { return [make(step, report, pin: pin, on: &state)] }
        let start = impliedStart(by: report)
        let first = make(try state.step(implied: start), start, pin: pin, isImplied: true, on: &state)
        // The same step, on top of the start.
        return [first, make(try state.step(report, contents), report, on: &state)]
    }

    private static func make(
        _ step: State.Step, _ report: ExecutionReport, pin: MappingPin? = nil, isImplied: Bool = false,
        on state: inout State
    ) -> Event {
        state.take(step, pin: pin)
        return ExecutionEvent(
            report: report, pin: pin, isImplied: isImplied, standing: step.standing, change: step.change)
    }

    /// What another report says without words: that the execution has begun.
    private static func impliedStart(by report: ExecutionReport) -> ExecutionReport {
        ExecutionReport(
            .started(ExecutionStart()), of: report.execution, workflow: report.workflow, subject: report.subject,
            at: report.at, original: report.original)
    }
}

extension ExecutionDecider {
    /// Decides one report after the other, each on what those before it have led to, and carries the state along in place.
    ///
    /// - Returns: for each report, in order, its events or why it is refused. Refused reports do not hold up the others.
    public static func decide(
        _ reports: [ExecutionReport], pin: MappingPin? = nil, on state: inout State
    ) -> [Result<[Event], Rejection>] {
        var outcomes: [Result<[Event], Rejection>] = []
        outcomes.reserveCapacity(reports.count)
        for report in reports {
            do throws(Rejection) {
                outcomes.append(.success(try decide(.report(report, pin: pin), on: &state)))
            } catch {
                outcomes.append(.failure(error))
            }
        }
        return outcomes
    }
}
