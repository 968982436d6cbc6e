import EventModel
import EventSourcing
import FoundationEssentials
import Reconciliation
import Testing

@testable import Reconciler

@Suite struct DeskFaultTests {
    private let engines = TwoEngines()

    @Test func `a person's word about a conflict that does not wait is refused with its id, and nothing is recorded`()
        async throws
    {
        try await engines.prepare()
        let desk = try engines.desk()
        let id = UUID()
        await #expect(throws: DeskFault.rejected(.unknownConflict(id))) {
            _ = try await desk.settle(id, of: engines.key, .accept)
        }
    }

    @Test func `what a command was refused for is told, whichever rule it was for`() {
        let id = UUID()
        let refused: any Error = CommandError<ReconciliationDecider.Rejection>.rejected(.unknownEffect(id))
        #expect(DeskFault(refused, at: engines.key) == .rejected(.unknownEffect(id)))
        let store: any Error = CommandError<Never>.store(.cancelled)
        #expect(DeskFault(store, at: engines.key) == .store(.cancelled))
    }
}
