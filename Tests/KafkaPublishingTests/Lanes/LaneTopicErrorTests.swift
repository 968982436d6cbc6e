import EventSourcing
import KafkaDriver
import Testing

@testable import KafkaPublishing

@Suite struct `Why lanes cannot be read` {
    @Test(arguments: [KafkaErrorCode.wrongState, .transport, .closed, .cancelled, .fatal])
    func `a client that is not where it should be is waited for: a new one will be`(_ code: KafkaErrorCode) {
        guard case .unavailable = LaneTopicError(KafkaError(code)) else {
            Issue.record("\(code) is taken for a refusal")
            return
        }
    }

    @Test func `what the cluster refuses is said, and not waited for`() {
        guard case .refused = LaneTopicError(KafkaError(.authentication, isRetriable: false)) else {
            Issue.record("a refusal is waited for")
            return
        }
    }
}
