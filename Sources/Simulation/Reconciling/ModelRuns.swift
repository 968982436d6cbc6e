import EventModel
import Reconciliation
import Synchronization
import WorkflowDomain

/// An engine that runs a workflow of five blocks, two of which wait for a person. It does what the formats say that Sim does: a wait is resumed once, under
/// its name, by whomever; a resumption may fail and leave the wait open; what is over cannot be cancelled.
final class ModelRuns: Sendable {
    static let workflow = "refund"
    static let blocks = ["start", "ask", "check", "confirm", "done"]
    static let waiting: Set = ["ask", "confirm"]
    /// The variable that a run is started with.
    static let amount = "amount"

    /// How a run stands, for whoever asks.
    struct Look: Sendable {
        let openWait: String?
        let end: ExecutionStatus?
    }

    /// What an order has come to.
    enum Answer: Sendable, Equatable {
        case done
        /// `200` with `failed`: nothing was done, or what was done has failed.
        case failed
        /// `409`: it was used before, or is not there.
        case conflict
        /// The run has ended so.
        case over(ExecutionStatus)
    }

    private struct Run {
        var place = 0
        var wait: String?
        var end: ExecutionStatus?
        var reports = 0
    }

    private let world: World
    private let mail: ReportMail
    private let audit: ReconcilingAudit
    private let runs = Mutex<[String: Run]>([:])

    init(_ world: World, _ mail: ReportMail, _ audit: ReconcilingAudit) {
        self.world = world
        self.mail = mail
        self.audit = audit
    }

    // MARK: Its own way

    func begin(_ execution: String) {
        runs.withLock { $0[execution] = Run() }
        report(execution, "started", #""data":{"trigger":"api","input":{"\#(Self.amount)":100}}"#)
        audit.heard(.workflow, of: execution, FieldPath(.variables, [ElementID(Self.amount)]), 100)
        arrive(execution)
    }

    private func arrive(_ execution: String) {
        guard let place = runs.withLock({ $0[execution]?.place }) else { return }
        let block = Self.blocks[place]
        report(execution, "block_started", #""block":"\#(block)""#)
        guard Self.waiting.contains(block) else {
            let pause = world.roll { $0.duration(100_000...1_500_000) }
            return world.scheduler.plan(after: pause) { self.leave(execution, place) }
        }
        let context = Self.context(execution, block)
        runs.withLock { $0[execution]?.wait = context }
        report(
            execution, "waiting", #""data":{"kind":"human","context":"\#(context)","blockedOn":"\#(block)"}"#)
    }

    static func context(_ execution: String, _ block: String) -> String { "\(execution)-\(block)" }

    private func leave(_ execution: String, _ place: Int) {
        let isThere = runs.withLock { runs in
            runs[execution].map { $0.end == nil && $0.wait == nil && $0.place == place } ?? false
        }
        guard isThere else { return }
        let block = Self.blocks[place]
        if world.roll({ $0.chance(perMille: 40) }) {
            report(execution, "block_failed", #""block":"\#(block)","data":{"error":"out of order"}"#)
            return finish(execution, .failed)
        }
        report(execution, "block_completed", #""block":"\#(block)""#)
        guard place + 1 < Self.blocks.count else { return finish(execution, .completed) }
        runs.withLock { $0[execution]?.place = place + 1 }
        arrive(execution)
    }

    private func finish(_ execution: String, _ end: ExecutionStatus) {
        runs.withLock { runs in
            runs[execution]?.end = end
            runs[execution]?.wait = nil
        }
        report(execution, end.rawValue)
    }

    // MARK: What it is asked

    func look(at execution: String) -> Look {
        runs.withLock { Look(openWait: $0[execution]?.wait, end: $0[execution]?.end) }
    }

    /// - Parameter isOwn: whether somebody does it at the engine, and nobody was told to.
    func resume(_ execution: String, at context: String, with input: JSONValue, isOwn: Bool = false) -> Answer {
        guard let run = runs.withLock({ $0[execution] }) else { return .conflict }
        guard run.wait == context else { return run.end.map { .over($0) } ?? .conflict }
        if world.strikes(.resumeFailed, perMille: world.rates.resumeFailed) {
            return .failed
        }
        runs.withLock { $0[execution]?.wait = nil }
        let block = Self.blocks[run.place]
        audit.resumed(context)
        report(
            execution, "resumed",
            #""data":{"context":"\#(context)","input":\#(String(decoding: input.compactBytes(), as: UTF8.self))}"#)
        if isOwn { audit.heard(.workflow, of: execution, FieldPath(.inputs, [ElementID(block)]), input) }
        leave(execution, run.place)
        return .done
    }

    func cancel(_ execution: String) -> Answer {
        guard let run = runs.withLock({ $0[execution] }) else { return .conflict }
        if let end = run.end { return .over(end) }
        finish(execution, .cancelled)
        return .done
    }

    private func report(_ execution: String, _ type: String, _ more: String...) {
        let number = runs.withLock { runs in
            runs[execution]?.reports += 1
            return runs[execution]?.reports ?? 0
        }
        // Times tell the order, also of what happens at once.
        let moment = SimulatedClock.beginning.advanced(by: .microseconds(world.time + Int64(number)))
        let members =
            [
                #""execution":"\#(execution)""#, #""workflow":"\#(Self.workflow)""#, #""type":"\#(type)""#,
                #""id":"\#(execution)-\#(number)""#, #""sequence":\#(number)"#, #""at":"\#(moment)""#,
            ] + more
        mail.send("{\(members.joined(separator: ","))}")
    }
}
