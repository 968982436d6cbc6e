import Conversion
import Converting
import EventModel
import EventSourcing
import EventSourcingTesting
import Synchronization
import WorkflowDomain

/// The production code around conversions, each role as a main would wire it.
struct ConversionRoles: Sendable {
    private static let limits = CommandLimits(
        decisions: 4, storeAttempts: 3, storeBackoff: Backoff(base: .milliseconds(20), cap: .milliseconds(500)))

    let world: World
    let database: SimulatedDatabase
    let audit: ConversionAudit
    let edits: EditAllowance

    /// Puts one variant of a workflow in the place of another.
    func edit(_ process: SimulatedProcess) async {
        let connection = SimulatedConnection(process, database)
        let handler = CommandHandler<WorkflowDecider, SimulatedConnection>(
            connection, limits: Self.limits, time: process.clock, random: process.random)
        let ids = IDSource(time: process.clock, random: process.random)
        await connection.whileCommitting {
            while await rest(process, 20_000...1_500_000), edits.take() {
                let (id, number) = world.roll {
                    (ModelWorkflow.ids[$0.below(ModelWorkflow.ids.count)], $0.below(ModelWorkflow.variants))
                }
                let workflow = ModelWorkflow.variant(number, of: id)
                let command = WorkflowDecider.Command.importDefinition(
                    workflow, format: .state, digest: workflow.digest, sourceName: "\(id).json", original: nil)
                let context = CommandContext(id: ids.next(), time: process.clock.now())
                // An edit whose outcome is not known may be there or not: the log tells everybody else.
                _ = try? await handler.handle(
                    StreamCommand(command, to: StreamName(trusting: "workflow-\(id)"), context))
                edits.end()
            }
        }
    }

    /// Converts whatever there is, there and sometimes back.
    func convert(_ process: SimulatedProcess) async {
        let connection = SimulatedConnection(process, database)
        let service = ConversionService(
            connection, limits: Self.limits, time: process.clock, random: process.random)
        await connection.whileCommitting {
            while await rest(process, 60_000...1_300_000) {
                let request = world.roll { random in
                    ConversionRequest(
                        random.chance(perMille: 200) ? .toWorkflow : .toJourney,
                        of: ModelWorkflow.ids[random.below(ModelWorkflow.ids.count)])
                }
                do throws(ConversionFault) {
                    let answer = try await service.run(request)
                    world.note("\(process.name) \(request.direction) \(request.id): \(answer.outcome)")
                } catch {
                    guard process.isAlive else { return }
                    judge(error, of: request, by: process)
                }
            }
        }
    }

    /// What a conversion may answer although nothing is wrong with it; the rest is a finding.
    private func judge(_ fault: ConversionFault, of request: ConversionRequest, by process: SimulatedProcess) {
        switch fault {
        case .unknownSource, .targetChanged, .sourceChanged: return
        case .failed(let error as StoreError) where error.isTransient: return
        case .failed(let error as any TransientFault) where error.isTransient: return
        case .failed(is JointContention): return
        case .failed, .refused, .rejected, .hiddenSource, .illegalID:
            world.report(Violation(.conversion, "\(process.name) could not convert \(request.id): \(fault)"))
        }
    }

    /// - Returns: `false` when the process is over.
    private func rest(_ process: SimulatedProcess, _ range: ClosedRange<Int>) async -> Bool {
        guard process.isAlive else { return false }
        let pause = world.roll { $0.duration(range) }
        return await world.scheduler.sleep(for: pause, of: process.id) && process.isAlive
    }
}

/// A fault that may pass.
private protocol TransientFault: Error {
    var isTransient: Bool { get }
}

extension CommandError: TransientFault {
    var isTransient: Bool {
        switch self {
        case .store(let error): error.isTransient
        case .contended: true
        case .rejected, .unreadable: false
        }
    }
}

/// How many edits there may still be in a world.
final class EditAllowance: Sendable {
    private let state: Mutex<(left: Int, underWay: Int)>

    init(_ count: Int) { state = Mutex((count, 0)) }

    /// Whether all were made: one that is under way is still to be converted.
    var isUsedUp: Bool { state.withLock { $0.left <= 0 && $0.underWay == 0 } }

    func take() -> Bool {
        state.withLock { state in
            guard state.left > 0 else { return false }
            state.left -= 1
            state.underWay += 1
            return true
        }
    }

    /// One was made, or came to nothing.
    func end() { state.withLock { $0.underWay -= 1 } }
}
