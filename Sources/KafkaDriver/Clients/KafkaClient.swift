internal import CRDKafka
import Dispatch
import Synchronization

/// Owns one `rd_kafka_t` and the context its callbacks use, and destroys both in that order.
///
/// Everything that points into the client (a topic, a queue, a message) keeps it alive, so `rd_kafka_destroy` never
/// waits for them and nothing ever points at freed memory.
// librdkafka's handle may be used from any thread; the rest of the state is constant or atomic.
final class KafkaClient: @unchecked Sendable {
    enum Role { case producer, consumer }

    let handle: OpaquePointer
    let callbacks: ClientCallbacks
    /// `queue.buffering.max.messages` in force.
    let queueCapacity: Int
    private let blocking: DispatchQueue
    private let closed = Atomic<Bool>(false)

    init(
        _ role: Role, _ configuration: KafkaConfiguration, defaults: [String: String], observer: KafkaObserver?
    ) throws(KafkaError) {
        var settings = try ConfigurationHandle(configuration, defaults: defaults)
        queueCapacity = settings.value(of: "queue.buffering.max.messages").flatMap { Int($0) } ?? 100_000
        callbacks = ClientCallbacks(observer: observer)
        blocking = DispatchQueue(label: "kafka.blocking.\(configuration.clientID)")
        let context = Unmanaged.passRetained(callbacks)
        ClientCallbacks.install(in: settings.pointer, context: context.toOpaque(), for: role)
        do {
            handle = try Self.open(role, &settings)
        } catch {
            context.release()
            throw error
        }
    }

    /// `rd_kafka_destroy` joins threads, which no caller's thread should wait for.
    deinit {
        let remains = Remains(handle: handle, context: Unmanaged.passUnretained(callbacks))
        Self.reaper.async { remains.destroy() }
    }

    /// True from the moment of ``close()``; nothing new is accepted then.
    var isClosed: Bool { closed.load(ordering: .acquiring) }

    /// Returns true for the caller that closed it.
    func close() -> Bool { !closed.exchange(true, ordering: .acquiringAndReleasing) }

    /// Runs `body`, which may block, away from the threads of Swift's concurrency pool; one at a time.
    func perform<R: Sendable>(
        _ body: @escaping @Sendable (KafkaClient) throws(KafkaError) -> R
    ) async throws(KafkaError) -> R {
        let result: Result<R, KafkaError> = await withCheckedContinuation { continuation in
            blocking.async { continuation.resume(returning: Result { () throws(KafkaError) in try body(self) }) }
        }
        return try result.get()
    }

    /// Runs `body` where blocking is allowed, without anyone waiting for it.
    func performLater(_ body: @escaping @Sendable (KafkaClient) -> Void) {
        blocking.async { body(self) }
    }

    /// What is left of a client when nobody refers to it any more.
    // The pointers are handed to one closure and touched nowhere else.
    private struct Remains: @unchecked Sendable {
        let handle: OpaquePointer
        let context: Unmanaged<ClientCallbacks>

        func destroy() {
            rd_kafka_destroy(handle)
            context.release()
        }
    }

    private static let reaper = DispatchQueue(label: "kafka.reaper", attributes: .concurrent)

    private static func open(_ role: Role, _ settings: inout ConfigurationHandle) throws(KafkaError) -> OpaquePointer {
        let kind = role == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER
        let pointer = settings.pointer
        let opened: Result<OpaquePointer, KafkaError> = withUnsafeTemporaryAllocation(
            of: CChar.self, capacity: KafkaLimits.errorTextBytes
        ) { text in
            guard let handle = rd_kafka_new(kind, pointer, text.baseAddress, text.count) else {
                return .failure(
                    KafkaError(rd_kafka_last_error(), message: text.baseAddress.map { String(cString: $0) }))
            }
            return .success(handle)
        }
        let handle = try opened.get()
        settings.relinquish()
        return handle
    }
}

extension Duration {
    /// Whole milliseconds, rounded up so that a short wait does not become a busy loop, within what C can hold.
    var clampedMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds < Int64(Int32.max) / 1_000 else { return .max }
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return Int32(seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
