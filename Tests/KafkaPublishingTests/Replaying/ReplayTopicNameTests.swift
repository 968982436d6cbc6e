import EventSourcing
import KafkaPublishing
import Testing

@Suite struct `The name of a replay's topic` {
    @Test(arguments: ["events", "inbound", "rejected", "state"])
    func `no live topic of any prefix is one`(_ ending: String) {
        for name in ["lockstep.\(ending)", "acme.prod.\(ending)", ending, ".\(ending)", "a.\(ending.uppercased())"] {
            #expect(throws: ReplayFault.self) { try ReplayTopicName(name) }
        }
        for name in ["lockstep.\(ending).replay", "lockstep-\(ending)", "my_\(ending)"] {
            #expect((try? ReplayTopicName(name))?.text == name)
        }
    }

    @Test(arguments: ["", ".", "..", "a b", "a/b", "é", "a\n", String(repeating: "a", count: 250)])
    func `what Kafka does not take is none`(_ name: String) {
        #expect(throws: ReplayFault.self) { try ReplayTopicName(name) }
    }
}
