internal import CRDKafka

/// Transactions, for a producer configured with `transactional.id`.
///
/// Decide by the error's flags: retry when `isRetriable`, abort when `requiresTransactionAbort`, give the producer up when
/// `isFatal` (another producer with the same id has taken over).
extension KafkaProducer {
    /// Claims the transactional id and fences every earlier producer that had it. Once, before the first transaction.
    public func initTransactions(timeout: Duration) async throws(KafkaError) {
        try await transact { rd_kafka_init_transactions($0, timeout.clampedMilliseconds) }
    }

    /// Begins a transaction; what is sent from now on belongs to it.
    public func beginTransaction() async throws(KafkaError) {
        try await transact { rd_kafka_begin_transaction($0) }
    }

    /// Waits for everything sent in the transaction, then commits it.
    public func commitTransaction(timeout: Duration) async throws(KafkaError) {
        try await transact { rd_kafka_commit_transaction($0, timeout.clampedMilliseconds) }
    }

    /// Drops what is unsent and aborts the transaction.
    public func abortTransaction(timeout: Duration) async throws(KafkaError) {
        try await transact { rd_kafka_abort_transaction($0, timeout.clampedMilliseconds) }
    }

    private func transact(_ call: @escaping @Sendable (OpaquePointer) -> OpaquePointer?) async throws(KafkaError) {
        guard !client.isClosed else { throw KafkaError(.closed) }
        try await client.perform { client throws(KafkaError) in
            if let error = call(client.handle) { throw KafkaError(consuming: error) }
        }
    }
}
