import CoreMetrics
import Synchronization

/// What the libraries of this process count, kept until somebody asks: a backend of swift-metrics. Only mains install it.
///
/// A meter that is made again is the same one, and none is ever forgotten: a counter that vanishes looks like a process that died. Therefore
/// both the names and the label sets of one name are bounded; what is more goes into one series that says `overflow="true"`, and
/// names that are more, or that contradict what a name was used for before, count nothing.
public final class MeterRegistry: MetricsFactory {
    /// Names at most.
    public static let names = 200
    /// Label sets of one name at most.
    public static let labelSets = 200
    /// Bytes kept of the value of a label.
    static let valueBytes = 200

    private struct Family {
        let kind: MetricFamily.Kind
        let help: String
        var series: [[MetricLabel]: any Meter] = [:]
    }

    private let families = Mutex<[String: Family]>([:])
    private let help: [String: String]

    /// A registry that knows nothing yet.
    ///
    /// - Parameter help: what metrics say, by the names under which they are shown.
    public init(help: [String: String] = [:]) { self.help = help }

    /// What was counted and measured so far, by name.
    public var metrics: [MetricFamily] {
        families.withLock(\.self).sorted { $0.key < $1.key }.map { name, family in
            MetricFamily(
                name, family.kind, help: family.help,
                family.series.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap { $1.samples($0) })
        }
    }

    /// See `MetricsFactory`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        meter(Self.name(label, ending: "_total"), .counter, dimensions) { CountingMeter() }
            ?? NOOPMetricsHandler.instance
    }

    /// See `MetricsFactory`.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        meter(Self.name(label), .gauge, dimensions) { StandingMeter() } ?? NOOPMetricsHandler.instance
    }

    /// See `MetricsFactory`.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate {
            return meter(Self.name(label), .summary, dimensions) { SummingMeter() } ?? NOOPMetricsHandler.instance
        }
        return meter(Self.name(label), .gauge, dimensions) { StandingMeter() } ?? NOOPMetricsHandler.instance
    }

    /// See `MetricsFactory`.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        meter(Self.name(label, ending: "_seconds"), .histogram, dimensions) { TimingMeter() }
            ?? NOOPMetricsHandler.instance
    }

    /// Nothing is forgotten.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Nothing is forgotten.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Nothing is forgotten.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Nothing is forgotten.
    public func destroyTimer(_ handler: any TimerHandler) {}

    private func meter<M: Meter>(
        _ name: String, _ kind: MetricFamily.Kind, _ dimensions: [(String, String)], _ make: () -> M
    ) -> M? {
        families.withLock { families in
            guard families[name] != nil || families.count < Self.names else { return nil }
            var family = families[name] ?? Family(kind: kind, help: help[name] ?? "Counted by this process.")
            guard family.kind == kind else { return nil }
            var labels = Self.labels(dimensions)
            if family.series[labels] == nil, family.series.count >= Self.labelSets {
                labels = [MetricLabel("overflow", "true")]
            }
            if let known = family.series[labels] { return known as? M }
            let meter = make()
            family.series[labels] = meter
            families[name] = family
            return meter
        }
    }

    /// The name under which something is shown: `lockstep.reconciler.looks` is `lockstep_reconciler_looks_total`.
    static func name(_ label: String, ending: String = "") -> String {
        let name = word(label)
        return name.hasSuffix(ending) ? name : name + ending
    }

    private static func labels(_ dimensions: [(String, String)]) -> [MetricLabel] {
        // Of one name the last counts; `le` is the bucket's.
        let named = dimensions.map { name, value in
            let name = word(name)
            return (name == "le" || name.hasPrefix("__") ? "label_\(name)" : name, cut(value))
        }
        return Dictionary(named, uniquingKeysWith: { $1 }).map { MetricLabel($0.key, $0.value) }.sorted()
    }

    private static func cut(_ value: String) -> String {
        guard value.utf8.count > valueBytes else { return value }
        // Half a character becomes the sign for it.
        return String(decoding: value.utf8.prefix(valueBytes), as: UTF8.self)
    }

    private static func word(_ text: String) -> String {
        let word = String(
            text.unicodeScalars.map { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                    ? Character(scalar) : "_"
            })
        return word.first?.isNumber ?? true ? "_\(word)" : word
    }
}
