import CoreMetrics
import Synchronization

/// Something of this process that is counted or measured, series by series.
protocol Meter: AnyObject, Sendable {
    /// What it stands at.
    func samples(_ labels: [MetricLabel]) -> [MetricFamily.Sample]
}

/// Only rises.
final class CountingMeter: Meter, CounterHandler {
    private let count = Atomic<Int64>(0)

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() { count.store(0, ordering: .relaxed) }

    func samples(_ labels: [MetricLabel]) -> [MetricFamily.Sample] {
        [MetricFamily.Sample(Double(count.load(ordering: .relaxed)), labels)]
    }
}

/// Is what was said last.
final class StandingMeter: Meter, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    func samples(_ labels: [MetricLabel]) -> [MetricFamily.Sample] {
        [MetricFamily.Sample(value.withLock { $0 }, labels)]
    }
}

/// How long something takes, in buckets.
final class TimingMeter: Meter, TimerHandler {
    /// Upper ends in seconds, rising; one without end is behind them.
    static let bounds = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60]

    private struct State {
        var counts = [Int64](repeating: 0, count: bounds.count + 1)
        var seconds = 0.0
    }

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) {
        let seconds = Double(max(0, duration)) / 1e9
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.seconds += seconds
        }
    }

    func samples(_ labels: [MetricLabel]) -> [MetricFamily.Sample] {
        let (counts, seconds) = state.withLock { ($0.counts, $0.seconds) }
        var samples: [MetricFamily.Sample] = []
        var sum: Int64 = 0
        for (count, bound) in zip(counts, Self.bounds.map(MetricText.number) + ["+Inf"]) {
            sum += count
            samples.append(
                MetricFamily.Sample(Double(sum), labels + [MetricLabel("le", bound)], suffix: "_bucket"))
        }
        return samples + [
            MetricFamily.Sample(seconds, labels, suffix: "_sum"),
            MetricFamily.Sample(Double(sum), labels, suffix: "_count"),
        ]
    }
}

/// How much of something there was each time: the sum, and how often.
final class SummingMeter: Meter, RecorderHandler {
    private let state = Mutex((sum: 0.0, count: Int64(0)))

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        state.withLock { state in
            state.sum += value
            state.count += 1
        }
    }

    func samples(_ labels: [MetricLabel]) -> [MetricFamily.Sample] {
        let (sum, count) = state.withLock { $0 }
        return [
            MetricFamily.Sample(sum, labels, suffix: "_sum"),
            MetricFamily.Sample(Double(count), labels, suffix: "_count"),
        ]
    }
}
