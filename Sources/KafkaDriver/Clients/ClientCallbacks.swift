internal import CRDKafka
import Synchronization

/// What librdkafka calls back into. It outlives its `rd_kafka_t`, because ``KafkaClient`` frees it last.
final class ClientCallbacks: Sendable {
    let observer: KafkaObserver?
    /// Consumers only: what the group's coordinator has told us and nobody has read yet.
    let rebalances = Mutex(RebalanceInbox())
    /// Consumers only: what the application has paused.
    let paused = Mutex(PausedPartitions())

    init(observer: KafkaObserver?) { self.observer = observer }

    static func install(in settings: OpaquePointer?, context: UnsafeMutableRawPointer, for role: KafkaClient.Role) {
        rd_kafka_conf_set_opaque(settings, context)
        rd_kafka_conf_set_log_cb(settings) { client, level, facility, text in
            ClientCallbacks.of(client)?.log(level, facility, text)
        }
        rd_kafka_conf_set_error_cb(settings) { client, code, reason, context in
            ClientCallbacks.at(context)?.fail(client, code, reason)
        }
        rd_kafka_conf_set_stats_cb(settings) { _, json, length, context in
            ClientCallbacks.at(context)?.report(json, length)
            return 0  // librdkafka frees its text
        }
        switch role {
        case .producer: rd_kafka_conf_set_dr_msg_cb(settings, recordDelivery)
        case .consumer:
            rd_kafka_conf_set_rebalance_cb(settings) { client, code, partitions, context in
                guard let client, let partitions else { return }
                ClientCallbacks.at(context)?.rebalance(client, code, partitions)
            }
        }
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> ClientCallbacks? {
        context.map { Unmanaged<ClientCallbacks>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func of(_ client: OpaquePointer?) -> ClientCallbacks? {
        client.flatMap { at(rd_kafka_opaque($0)) }
    }

    private func log(_ level: Int32, _ facility: UnsafePointer<CChar>?, _ text: UnsafePointer<CChar>?) {
        guard let log = observer?.log else { return }
        log(
            KafkaLogLine(
                level: Int(level), facility: facility.map { String(cString: $0) } ?? "",
                text: text.map { String(cString: $0) } ?? ""))
    }

    private func fail(_ client: OpaquePointer?, _ code: Int32, _ reason: UnsafePointer<CChar>?) {
        guard let error = observer?.error else { return }
        let announced = KafkaErrorCode(rawValue: code)
        if announced == .fatal, let client, let cause = KafkaError.fatalCause(of: client) { return error(cause) }
        error(KafkaError(announced, message: reason.map { String(cString: $0) }))
    }

    private func report(_ json: UnsafePointer<CChar>?, _ length: Int) {
        guard let statistics = observer?.statistics, let json else { return }
        let bytes = UnsafeRawBufferPointer(start: json, count: length)
        statistics(KafkaStatistics(json: String(decoding: bytes, as: UTF8.self)))
    }
}
