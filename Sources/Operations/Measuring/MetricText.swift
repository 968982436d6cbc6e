/// Metrics as Prometheus reads them: its text format 0.0.4.
public enum MetricText {
    /// What the format is called in a header.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    /// Samples of one family at most; what is more is left out, and counted in ``leftOutName``.
    public static let samplesOfFamily = 4_000
    /// How many samples were left out, by family; shown only when there are any.
    public static let leftOutName = "lockstep_metrics_left_out"

    /// The text of some families. Of two of the same name, and of two samples of the same name and labels, the first counts: a reader refuses
    /// the whole text otherwise.
    public static func of(_ families: [MetricFamily]) -> String {
        var text = ""
        var names: Set<String> = []
        var leftOut: [(String, Int)] = []
        for family in families where isName(family.name) && names.insert(family.name).inserted {
            let rest = write(family, to: &text)
            if rest > 0 { leftOut.append((family.name, rest)) }
        }
        guard !leftOut.isEmpty else { return text }
        let samples = leftOut.map { MetricFamily.Sample(Double($1), [MetricLabel("family", $0)]) }
        _ = write(
            MetricFamily(leftOutName, .gauge, help: "Samples that were left out of this answer, by family.", samples),
            to: &text)
        return text
    }

    /// - Returns: how many samples there was no room for.
    private static func write(_ family: MetricFamily, to text: inout String) -> Int {
        text += "# HELP \(family.name) \(escaped(family.help, quotes: false))\n"
        text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
        var seen: Set<String> = []
        var leftOut = 0
        for sample in family.samples {
            // A histogram that loses some of its buckets lies; one series more does no harm.
            guard seen.count < samplesOfFamily || family.kind == .histogram else {
                leftOut += 1
                continue
            }
            let series = family.name + sample.suffix + labels(sample.labels)
            guard seen.insert(series).inserted else { continue }
            text += "\(series) \(number(sample.value))\n"
        }
        return leftOut
    }

    private static func labels(_ labels: [MetricLabel]) -> String {
        // An empty value is the same as none.
        let shown = labels.filter { !$0.value.isEmpty && isLabel($0.name) }
        guard !shown.isEmpty else { return "" }
        return "{" + shown.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",") + "}"
    }

    /// As the format wants it: three characters have a meaning, in help texts two.
    static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value) { return "\(whole)" }
        return "\(value)"
    }

    /// Whether a metric may be called so.
    public static func isName(_ name: String) -> Bool {
        isWord(name) { $0 == UInt8(ascii: ":") }
    }

    /// Whether a label may be called so. Names that begin with two underscores are the reader's own.
    public static func isLabel(_ name: String) -> Bool { !name.hasPrefix("__") && isWord(name) { _ in false } }

    private static func isWord(_ name: String, or isMore: (UInt8) -> Bool) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"): true
            default: isMore(byte)
            }
        }
    }
}
