import EventModel
import EventSourcing
import WorkflowDomain

/// What is said about executions of workflows: Sim's execution events, runs, logs, results and pause points, and a neutral form for other
/// engines.
public struct ExecutionSide: InboundSide {
    /// The rule of an execution.
    public typealias D = ExecutionDecider

    private let pins: @Sendable (WorkflowID) -> MappingPin?

    /// A side that pins the mapping which is active for a workflow, as `pins` knows it.
    public init(pins: @escaping @Sendable (WorkflowID) -> MappingPin? = { _ in nil }) {
        self.pins = pins
    }

    /// `execution`.
    public var kind: String { "execution" }

    /// Whatever no other side recognises is tried here: Sim's forms have little in common.
    public func recognises(_ payload: JSONValue) -> Bool { payload.object != nil || payload.array != nil }

    /// Each report is a command to its execution's stream.
    public func commands(
        in payload: JSONValue, isWhole: Bool, of message: InboundMessage
    ) throws(InboundRejection) -> [InboundCommand<ExecutionDecider>] {
        let reports: [ExecutionReport]
        do throws(WorkflowDomain.ReportFlaw) {
            reports = try ExecutionReports.read(payload, observedAt: message.keepsTime ? message.receivedAt : nil)
        } catch {
            throw InboundRejection(error)
        }
        var commands: [InboundCommand<ExecutionDecider>] = []
        commands.reserveCapacity(reports.count)
        for report in reports {
            commands.append(
                InboundCommand(
                    .report(report, pin: report.workflow.flatMap(pins)), to: try stream(of: report.execution),
                    occurredAt: report.at))
        }
        return commands
    }

    private func stream(of execution: ExecutionID) throws(InboundRejection) -> StreamName {
        do throws(NameFlaw) {
            return try StreamName(category: Category(ExecutionEvent.category), key: execution.text)
        } catch {
            throw InboundRejection(.malformed, error.description)
        }
    }
}

extension InboundRejection {
    init(_ flaw: WorkflowDomain.ReportFlaw) {
        switch flaw {
        case .json: self.init(.notJSON, flaw.description)
        case .unrecognised: self.init(.unknownForm, flaw.description)
        case .tooLarge, .tooMany: self.init(.tooLarge, flaw.description)
        case .missing, .wrongType, .unexpected, .badIdentifier, .badTime, .outOfRange, .tooLong:
            self.init(.malformed, flaw.description)
        }
    }
}
