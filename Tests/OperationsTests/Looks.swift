import EventModel
import EventSourcing
import Operations
import Synchronization

/// Looks that tests make up.
enum Looks {
    static func status(
        _ consumer: String = "executions", kind: String = "projector", lane: Int = -1, lag: Int64 = 0,
        seconds: Double = 0, state: String = "live", parked: Int64 = 0, error: String? = nil
    ) -> ConsumerStatus {
        ConsumerStatus(
            consumer: consumer, kind: kind, version: 1, lane: lane, state: state, position: 100 - lag, head: 100,
            lagEvents: lag, lagSeconds: seconds, parkedKeys: parked, eventsHandled: 1, updatedAt: nil,
            silentSeconds: seconds, lastError: error)
    }

    static func engine(_ side: String, _ holder: String, _ state: CircuitStanding.State) -> EngineStanding {
        EngineStanding(
            side: side, holder: holder,
            circuit: CircuitStanding(
                name: "http://\(side)", state: state, since: Timestamp(microseconds: 0),
                failures: state == .closed ? 0 : 5, lastError: nil, nextTry: nil))
    }

    static func drift(_ workspace: String, executions: Int, fields: Int = 1, seconds: Int = 1) throws -> Drift {
        Drift(
            try Workspace(workspace), executions: executions, fields: fields, queued: 2, pending: 3,
            oldest: .seconds(seconds), total: .seconds(2 * seconds))
    }

    static func reconciling(
        held: Int64 = 4, lag: Int64 = 0, hasEverRun: Bool = true, engines: [EngineStanding] = []
    ) -> ReconcilingStanding {
        var standing = ReconcilingStanding()
        standing.heldLanes = held
        standing.lagEvents = lag
        standing.hasEverRun = hasEverRun
        standing.engines = engines
        return standing
    }

    /// Nothing is wrong.
    static var quiet: OperationsLook {
        OperationsLook(head: 100, checkpoints: [status()], consumers: [status()], patience: 30)
    }
}

/// Answers what it is told to, and counts how often it was asked.
final class ScriptedSource: OperationsSource {
    private let answer: Mutex<Result<OperationsLook, Refusal>>
    private let asked = Mutex(0)

    init(_ answer: Result<OperationsLook, Refusal>) { self.answer = Mutex(answer) }

    var looks: Int { asked.withLock { $0 } }

    func tell(_ answer: Result<OperationsLook, Refusal>) { self.answer.withLock { $0 = answer } }

    func look() async throws(Refusal) -> OperationsLook {
        asked.withLock { $0 += 1 }
        return try answer.withLock { $0 }.get()
    }
}

/// Never answers by itself, not even when it is cancelled: a database that took the connection and stands still.
final class FrozenSource: OperationsSource {
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])
    private let asked = Mutex(0)

    var looks: Int { asked.withLock { $0 } }

    /// Until somebody waits for a look of this number, from 1.
    func waitForLooks(_ number: Int) async { while looks < number { await Task.yield() } }

    func thaw() {
        for one in waiting.withLock({ list in
            defer { list = [] }
            return list
        }) { one.resume() }
    }

    func look() async throws(Refusal) -> OperationsLook {
        await withCheckedContinuation { continuation in
            waiting.withLock { $0.append(continuation) }
            asked.withLock { $0 += 1 }
        }
        return Looks.quiet
    }
}
