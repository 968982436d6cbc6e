internal import CRDKafka

/// Where the answer to one message is written; its address is the message's opaque.
struct DeliverySlot {
    /// The batch, retained once for all of its messages.
    let ledger: Unmanaged<DeliveryLedger>
    var offset: Int64
    var partition: Int32
    var code: Int32
    var persistence: Int32
}

/// Called by librdkafka once for every message it accepted.
func recordDelivery(_: OpaquePointer?, _ message: UnsafePointer<rd_kafka_message_t>?, _: UnsafeMutableRawPointer?) {
    guard let message, let opaque = message.pointee._private else { return }
    let slot = opaque.assumingMemoryBound(to: DeliverySlot.self)
    slot.pointee.offset = message.pointee.offset
    slot.pointee.partition = message.pointee.partition
    slot.pointee.code = message.pointee.err.rawValue
    slot.pointee.persistence = Int32(rd_kafka_message_status(message).rawValue)
    slot.pointee.ledger._withUnsafeGuaranteedRef { $0.receive(.reported) }
}
