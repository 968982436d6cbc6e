/// Why a report about an execution is not taken. The report itself is kept by whoever handed it in.
public enum ExecutionRejection: Error, Equatable, Sendable {
    /// The report is about another execution than the stream's.
    case otherExecution(known: ExecutionID, reported: ExecutionID)
    /// The execution is known to run another workflow: two engines use one id.
    case otherWorkflow(known: WorkflowID, reported: WorkflowID)
    /// The contents would not fit an event.
    case contentTooLarge(bytes: Int, limit: Int)
    /// The execution has visited too many blocks.
    case tooManyVisits(limit: Int)
    /// A visit has been attempted too often.
    case tooManyAttempts(limit: Int)
    /// Too many different inputs, outputs or errors are told of one thing.
    case tooManyVersions(limit: Int)
    /// A visit is told to have begun too many child workflows.
    case tooManyInstances(limit: Int)
    /// The execution has waited in too many different contexts.
    case tooManyWaits(limit: Int)
}

extension ExecutionRejection: CustomStringConvertible {
    /// One sentence.
    public var description: String {
        switch self {
        case .otherExecution(let known, let reported): "the report is about execution \(reported), not \(known)"
        case .otherWorkflow(let known, let reported):
            "the report says workflow \(reported), but the execution runs \(known); an execution has one workflow"
        case .contentTooLarge(let bytes, let limit): "the contents have \(bytes) bytes, the limit is \(limit)"
        case .tooManyVisits(let limit): "the execution has visited blocks \(limit) times, which is the limit"
        case .tooManyAttempts(let limit): "the visit has been attempted \(limit) times, which is the limit"
        case .tooManyVersions(let limit): "\(limit) different contents are told of the same thing, which is the limit"
        case .tooManyInstances(let limit): "the visit has begun \(limit) child workflows, which is the limit"
        case .tooManyWaits(let limit): "the execution has waited in \(limit) contexts, which is the limit"
        }
    }
}
