import KafkaDriver
import Testing

@Suite("Configuration") struct ConfigurationTests {
    @Test(arguments: [
        "sasl.password", "ssl.key.password", "ssl.keystore.password", "sasl.oauthbearer.client.secret", "ssl.key.pem",
        "sasl.oauthbearer.config", "SASL.Password",
    ])
    func `a credential is shown nowhere`(_ property: String) {
        let configuration = KafkaConfiguration(
            bootstrapServers: "broker:9092", properties: [property: "hunter2", "linger.ms": "7"])
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("***"))
        }
        #expect("\(configuration)".contains("linger.ms=7"))
    }

    @Test func `an unknown property is refused by name, by every kind of client`() {
        let configuration = TestBroker.nobody.setting("no.such.property", to: "1")
        expectSubject(.unknownProperty("no.such.property")) { () throws(KafkaError) in
            _ = try KafkaProducer(configuration)
        }
        expectSubject(.unknownProperty("no.such.property")) { () throws(KafkaError) in
            _ = try KafkaConsumer(configuration)
        }
        expectSubject(.unknownProperty("no.such.property")) { () throws(KafkaError) in
            _ = try KafkaAdmin(configuration)
        }
    }

    @Test func `an impossible value is refused by name`() {
        let configuration = TestBroker.nobody.setting("linger.ms", to: "soon")
        expectSubject(.rejectedProperty("linger.ms")) { () throws(KafkaError) in _ = try KafkaProducer(configuration) }
    }

    @Test func `properties that contradict each other are refused`() {
        let configuration = TestBroker.nobody.setting("acks", to: "1")
        #expect(throws: KafkaError.self) { _ = try KafkaProducer(configuration) }
    }

    private func expectSubject(_ subject: KafkaError.Subject, _ body: () throws(KafkaError) -> Void) {
        do {
            try body()
            Issue.record("accepted")
        } catch {
            #expect(error.subject == subject)
            #expect(error.code == .invalidArgument)
            #expect(!error.isRetriable)
        }
    }
}
