internal import CRDKafka

/// Owns an `rd_kafka_conf_t` until a client takes it over.
struct ConfigurationHandle: ~Copyable {
    private(set) var pointer: OpaquePointer?

    /// Applies `defaults`, then `configuration`, whose properties win.
    init(_ configuration: KafkaConfiguration, defaults: [String: String]) throws(KafkaError) {
        pointer = rd_kafka_conf_new()
        var effective = defaults
        effective["bootstrap.servers"] = configuration.bootstrapServers
        effective["client.id"] = configuration.clientID
        effective.merge(configuration.properties) { _, given in given }
        for (name, value) in effective.sorted(by: { $0.key < $1.key }) {
            try Self.set(name, value, in: pointer)
        }
    }

    deinit {
        if let pointer { rd_kafka_conf_destroy(pointer) }
    }

    /// Gives the pointer up: librdkafka owns it now.
    mutating func relinquish() { pointer = nil }

    /// The value in force, after defaults.
    func value(of property: String) -> String? {
        var size = KafkaLimits.errorTextBytes
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { text in
            guard let base = text.baseAddress, rd_kafka_conf_get(pointer, property, base, &size) == RD_KAFKA_CONF_OK
            else { return nil }
            return String(cString: base)
        }
    }

    private static func set(_ name: String, _ value: String, in pointer: OpaquePointer?) throws(KafkaError) {
        let error: KafkaError? = withUnsafeTemporaryAllocation(of: CChar.self, capacity: KafkaLimits.errorTextBytes) {
            text in
            guard let base = text.baseAddress else { return nil }
            base.pointee = 0
            return refusal(of: name, rd_kafka_conf_set(pointer, name, value, base, text.count), base)
        }
        if let error { throw error }
    }

    /// librdkafka's sentence repeats the value, so a credential gets a sentence of its own.
    private static func refusal(
        of name: String, _ result: rd_kafka_conf_res_t, _ text: UnsafePointer<CChar>
    ) -> KafkaError? {
        switch result {
        case RD_KAFKA_CONF_OK: nil
        case RD_KAFKA_CONF_UNKNOWN:
            KafkaError(.invalidArgument, message: "no such property: \(name)", subject: .unknownProperty(name))
        default:
            KafkaError(
                .invalidArgument,
                message: KafkaConfiguration.isSecret(name) ? "the value was refused" : String(cString: text),
                subject: .rejectedProperty(name))
        }
    }
}
