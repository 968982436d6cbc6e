import Synchronization

/// Latencies that many tasks measured, in milliseconds.
final class LatencyLog: Sendable {
    private let values = Mutex<[Double]>([])

    func add(_ more: [Double]) { values.withLock { $0 += more } }

    var all: [Double] { values.withLock { $0 } }
}
