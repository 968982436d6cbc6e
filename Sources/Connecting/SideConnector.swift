import EventModel
import Reconciliation

/// The way to one of the two engines, for whoever carries effects out. Implementations agree on every sentence here.
///
/// An effect names what has to be so before it is carried out; the connector looks at that once more, at the engine itself, right before. Nothing
/// here is retried by the connector: whoever asks decides what follows from an answer. Nothing is ordered behind ``Errand/orderBy``, however long the look
/// has taken: that is ``ErrandAnswer/unavailable(because:)``.
public protocol SideConnector: Sendable {
    /// What the engine can be told.
    var capabilities: Capabilities { get }

    /// Carries an effect out.
    func carryOut(_ errand: Errand) async -> ErrandAnswer

    /// Looks whether an effect was carried out. Changes nothing.
    func probe(_ errand: Errand) async -> ProbeAnswer
}

/// An effect, and where it is to be carried out.
public struct Errand: Sendable, Equatable {
    /// The effect.
    public let effect: Effect
    /// The tenant.
    public let workspace: Workspace
    /// The execution: the sync key of both sides' streams.
    public let execution: String
    /// The workflow that the execution runs, where that is known.
    public let workflow: String?
    /// The session that talks for it, as its engine names it, where one does.
    public let session: String?
    /// Until when an order may be given: one that is given later may be on its way when others look whether it was carried out. `nil` for no limit.
    public let orderBy: Timestamp?

    /// An errand by its parts.
    public init(
        effect: Effect, workspace: Workspace, execution: String, workflow: String?, session: String?,
        orderBy: Timestamp? = nil
    ) {
        self.effect = effect
        self.orderBy = orderBy
        self.workspace = workspace
        self.execution = execution
        self.workflow = workflow
        self.session = session
    }
}

extension Errand {
    /// Whether an order may still be given. Look right before giving one: a process may have stood still since the last answer.
    public func isTimely(at now: Timestamp) -> Bool { orderBy.map { now < $0 } ?? true }
}

/// What an engine says to an errand. The reasons are words of ours: what an engine says may quote whom it talks about, and reasons are kept for ever.
public enum ErrandAnswer: Sendable, Equatable {
    /// It was carried out, now or before. Its echo will come.
    case done
    /// It was not carried out: what had to be so is not so any more.
    case movedOn(because: String)
    /// It was not carried out, and never will be.
    case refused(because: String)
    /// It was surely not carried out, because the engine is busy with just this; it may be tried again. Others are answered.
    case notNow(because: String)
    /// It was surely not carried out, because the engine does not answer; it may be tried again.
    case unavailable(because: String)
    /// It may have been carried out.
    case unknown(because: String)
}

/// What an engine says of an effect that may have been carried out.
public enum ProbeAnswer: Sendable, Equatable {
    /// It was carried out.
    case found
    /// It was not.
    case absent
    /// The engine does not answer.
    case unavailable(because: String)
    /// The engine cannot tell, now or ever.
    case untellable(because: String)
}
