internal import CRDKafka

/// One failure, with everything librdkafka knew about it when it happened.
public struct KafkaError: Error, Hashable, Sendable {
    /// What the failure is about, where that is known.
    public enum Subject: Hashable, Sendable {
        /// librdkafka has no configuration property of this name.
        case unknownProperty(String)
        /// librdkafka knows the property and refused its value.
        case rejectedProperty(String)
        /// A topic.
        case topic(String)
        /// One partition of a topic.
        case partition(KafkaTopicPartition)
    }

    /// The number to decide by.
    public let code: KafkaErrorCode
    /// One sentence for a person; never a key to decide by, and free of credentials.
    public let message: String
    /// The same request may succeed later without anyone changing anything.
    public let isRetriable: Bool
    /// The client is unusable: close it, or abandon it, and make another.
    public let isFatal: Bool
    /// The current transaction cannot be committed: abort it.
    public let requiresTransactionAbort: Bool
    /// What the failure is about, where that is known.
    public let subject: Subject?

    /// The name of ``code``.
    public var name: String { code.name }

    /// An error of `code`; what is left out is derived from the code.
    public init(
        _ code: KafkaErrorCode, message: String? = nil, isRetriable: Bool? = nil, isFatal: Bool? = nil,
        requiresTransactionAbort: Bool = false, subject: Subject? = nil
    ) {
        self.code = code
        self.message = message ?? String(cString: rd_kafka_err2str(code.native))
        self.isRetriable = isRetriable ?? code.isRetriable
        self.isFatal = isFatal ?? (code == .fatal || code == .fenced)
        self.requiresTransactionAbort = requiresTransactionAbort
        self.subject = subject
    }
}

extension KafkaError: CustomStringConvertible {
    /// Name, sentence, subject and flags on one line; free of credentials and payloads.
    public var description: String {
        var text = "\(name) (\(code.rawValue)): \(message)"
        if let subject { text += " [\(subject)]" }
        if isFatal { text += " [fatal]" }
        if requiresTransactionAbort { text += " [abort the transaction]" }
        return text
    }
}

extension KafkaError.Subject: CustomStringConvertible {
    /// The subject in a few words.
    public var description: String {
        switch self {
        case .unknownProperty(let name): "unknown property \(name)"
        case .rejectedProperty(let name): "property \(name)"
        case .topic(let name): "topic \(name)"
        case .partition(let partition): "\(partition)"
        }
    }
}

// MARK: From C

extension KafkaError {
    /// Reads everything the C error knows, then destroys it.
    init(consuming error: OpaquePointer) {
        defer { rd_kafka_error_destroy(error) }
        self.init(
            KafkaErrorCode(rd_kafka_error_code(error)), message: String(cString: rd_kafka_error_string(error)),
            isRetriable: rd_kafka_error_is_retriable(error) != 0, isFatal: rd_kafka_error_is_fatal(error) != 0,
            requiresTransactionAbort: rd_kafka_error_txn_requires_abort(error) != 0)
    }

    init(_ code: rd_kafka_resp_err_t, message: String? = nil, subject: Subject? = nil) {
        self.init(KafkaErrorCode(code), message: message, subject: subject)
    }

    /// The failure behind a fatal client, which the generic code only announces; nil while the client is healthy.
    static func fatalCause(of client: OpaquePointer) -> KafkaError? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: KafkaLimits.errorTextBytes) { text in
            guard let base = text.baseAddress else { return nil }
            base.pointee = 0
            let code = rd_kafka_fatal_error(client, base, text.count)
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
            return KafkaError(
                KafkaErrorCode(code), message: String(cString: base), isRetriable: false, isFatal: true)
        }
    }
}

extension rd_kafka_resp_err_t {
    /// Throws unless this is "no error".
    func check(_ subject: KafkaError.Subject? = nil) throws(KafkaError) {
        guard self == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(self, subject: subject) }
    }
}
