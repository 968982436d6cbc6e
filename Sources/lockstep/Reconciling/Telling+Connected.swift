import ParlantConnector
import Reconciliation
import SimConnector

extension Telling {
    /// What the engines can be told that this program connects to, as their connectors declare it. Whatever decides, plans or checks a policy here goes by
    /// this, whether or not an engine is connected at the moment: what it can be told does not depend on that.
    static let connected = Telling(workflow: SimSide.declared, journey: ParlantSide.declared)
}
