import ParlantConnector
import Reconciliation
import SimConnector
import Testing

@testable import lockstep

@Suite struct `What the connected engines can be told` {
    @Test func `it is what their connectors declare, and what is decided without them goes by the same`() {
        #expect(Telling.connected[.workflow] == SimSide.declared)
        #expect(Telling.connected[.journey] == ParlantSide.declared)
        #expect(Telling.connected == .engines)
    }
}
