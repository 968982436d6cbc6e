import KafkaPublishing
import Testing

@testable import lockstep

@Suite("Keys that are set aside") struct KeysSetAsideTests {
    @Test func `the name of a parked key tells the key of its state`() {
        let key = KeysSetAside.key(named: #"["default","e-17"]"#)
        #expect(key == StateKey(workspace: .default, syncKey: "e-17"))
        #expect(KeysSetAside.key(named: #"sync:["acme","a\"b"]"#)?.syncKey == #"a"b"#)
        for other in ["", "[]", #"["default"]"#, #"["no such tenant","e"]"#, #"[1,"e"]"#, "sync:"] {
            #expect(KeysSetAside.key(named: other) == nil)
        }
    }
}
