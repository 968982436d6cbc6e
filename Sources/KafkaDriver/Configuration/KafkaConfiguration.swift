/// How to reach a cluster, and any librdkafka property beside it.
///
/// The value may be logged: its descriptions replace every credential by `***`.
public struct KafkaConfiguration: Sendable, Equatable {
    /// `host:port`, separated by commas.
    public var bootstrapServers: String
    /// The name under which brokers log this client.
    public var clientID: String
    /// Any property of librdkafka (`security.protocol`, `sasl.username`, `ssl.ca.location`, `linger.ms` …). It wins over
    /// this module's defaults. A name librdkafka does not know is refused when a client is made.
    public var properties: [String: String]

    /// A configuration.
    public init(bootstrapServers: String, clientID: String = "lockstep", properties: [String: String] = [:]) {
        self.bootstrapServers = bootstrapServers
        self.clientID = clientID
        self.properties = properties
    }

    /// The same configuration with `value` for `property`.
    public func setting(_ property: String, to value: String) -> Self {
        var changed = self
        changed.properties[property] = value
        return changed
    }

    /// Whether values of `property` are credentials and must not be shown.
    public static func isSecret(_ property: String) -> Bool {
        let name = property.lowercased()
        return secretParts.contains { name.contains($0) }
    }

    /// Broader than librdkafka's own list, so that a property of a later version is hidden as well.
    private static let secretParts = [
        "password", "passphrase", "secret", "key.pem", "oauthbearer.config", "token", "jaas",
    ]
}

extension KafkaConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Every property, sorted, credentials hidden.
    public var description: String {
        let shown = shownProperties.map { "\($0.name)=\($0.value)" }
        return "KafkaConfiguration(" + shown.joined(separator: ", ") + ")"
    }

    /// The same as ``description``: credentials have no place in a debugger's log either.
    public var debugDescription: String { description }

    /// The same as ``description``, as a mirror.
    public var customMirror: Mirror {
        Mirror(self, children: shownProperties.map { (label: $0.name, value: $0.value as Any) })
    }

    private var shownProperties: [(name: String, value: String)] {
        let fixed = [("bootstrap.servers", bootstrapServers), ("client.id", clientID)]
        let given = properties.sorted { $0.key < $1.key }
            .map { ($0.key, Self.isSecret($0.key) ? "***" : $0.value) }
        return (fixed + given).map { (name: $0.0, value: $0.1) }
    }
}
