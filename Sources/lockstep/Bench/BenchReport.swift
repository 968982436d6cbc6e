import EventModel
import FoundationEssentials

/// Prints figures as they are measured: one JSON object per line, or a line for people.
struct BenchReport: Sendable {
    let asJSON: Bool

    func add(_ figure: Figure) {
        guard asJSON else {
            let spread = "\(figure.values.min()?.shown ?? "-") – \(figure.values.max()?.shown ?? "-")"
            let metric = figure.metric == "events_per_s" ? "" : figure.metric
            line(
                figure.bench, figure.case, figure.system, "\(figure.median.shown) \(figure.unit)",
                "(\(spread)) \(metric)")
            return
        }
        emit { writer in
            writer.member("bench", figure.bench)
            writer.member("case", figure.case)
            writer.member("system", figure.system)
            writer.member("metric", figure.metric)
            writer.member("median", figure.median)
            writer.member("min", figure.values.min() ?? 0)
            writer.member("max", figure.values.max() ?? 0)
            writer.member("unit", figure.unit)
            writer.member("runs", Double(figure.values.count))
        }
    }

    func add(_ ratio: Ratio) {
        guard asJSON else {
            line(ratio.bench, ratio.case, "ratio of \(ratio.of)", "\(ratio.values.median.shown)", "")
            return
        }
        emit { writer in
            writer.member("bench", ratio.bench)
            writer.member("case", ratio.case)
            writer.member("metric", "ratio")
            writer.member("of", ratio.of)
            writer.member("median", ratio.values.median)
        }
    }

    private func line(_ bench: String, _ name: String, _ system: String, _ value: String, _ rest: String) {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        print(padded(bench, 9) + padded(name, 44) + padded(system, 34) + padded(value, 24) + rest)
    }

    private func emit(_ body: (inout ObjectLine) -> Void) {
        var object = ObjectLine()
        body(&object)
        print(object.text)
    }
}

/// One flat JSON object. Names and values are ours and need no escaping.
private struct ObjectLine {
    private(set) var members: [String] = []

    var text: String { "{" + members.joined(separator: ",") + "}" }

    mutating func member(_ name: String, _ value: String) { members.append("\"\(name)\":\"\(value)\"") }
    mutating func member(_ name: String, _ value: Double) { members.append("\"\(name)\":\(value.shown)") }
}

extension Double {
    /// Four significant digits, without an exponent.
    var shown: String {
        let size = abs(self)
        let decimals = size >= 1_000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let rounded = (self * scale).rounded() / scale
        return decimals == 0 ? "\(Int64(rounded))" : "\(rounded)"
    }
}
