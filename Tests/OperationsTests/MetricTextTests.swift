import EventSourcingTesting
import Testing

@testable import Operations

@Suite("Metrics as text") struct MetricTextTests {
    private func family(_ name: String, _ values: [(String, Double)]) -> MetricFamily {
        MetricFamily(
            name, .gauge, help: "A gauge.",
            values.map { MetricFamily.Sample($1, [MetricLabel("workspace", $0)]) })
    }

    @Test func `a family is its help, its kind and its numbers, and the last line ends`() {
        let text = MetricText.of([
            MetricFamily("lockstep_up", .gauge, help: "1 or\n0 \\.", [MetricFamily.Sample(1)]),
            family("lockstep_drift_fields", [("default", 2), ("a\"b\\c\nd", 0.5)]),
        ])
        #expect(
            text == """
                # HELP lockstep_up 1 or\\n0 \\\\.
                # TYPE lockstep_up gauge
                lockstep_up 1
                # HELP lockstep_drift_fields A gauge.
                # TYPE lockstep_drift_fields gauge
                lockstep_drift_fields{workspace="default"} 2
                lockstep_drift_fields{workspace="a\\"b\\\\c\\nd"} 0.5

                """)
    }

    @Test(arguments: [
        "", "plain", "\"", "\\", "\n", "\\n", "\\\"\n\"\\", "a\r\nb", "\u{0301}x",
        "ü 漢 \u{1f469}\u{200d}\u{1f4bb} \u{0301}",
        "{},= # HELP x y", "\u{0}\u{1b}[2J", String(repeating: "\\\"\n", count: 50_000),
    ])
    func `whatever a label's value holds comes back as it was`(_ value: String) throws {
        let page = try MetricsPage(MetricText.of([family("lockstep_x", [(value, 7)])]))
        #expect(page.samples.count == 1)
        #expect(
            page.samples[0].labels["workspace"].map { Array($0.unicodeScalars) } ?? [] == Array(value.unicodeScalars))
        #expect(page.samples[0].value == 7)
    }

    @Test func `numbers are written so that nothing of them is lost`() throws {
        let values = [
            0, -1, 1e-9, 0.1, 1.0 / 3, 1e300, 9_007_199_254_740_992, Double(Int64.min), .infinity, -.infinity,
        ]
        let page = try MetricsPage(
            MetricText.of([family("lockstep_x", values.enumerated().map { ("w\($0)", $1) })]))
        #expect(page.samples.map(\.value) == values)
        #expect(MetricText.number(.nan) == "NaN" && MetricText.number(-0.0) == "0")
    }

    @Test func `of two families of one name, and two series of one label set, the first counts`() throws {
        let page = try MetricsPage(
            MetricText.of([
                family("lockstep_x", [("a", 1), ("a", 2), ("b", 3)]), family("lockstep_x", [("c", 4)]),
                family("9 bad", [("d", 5)]),
            ]))
        #expect(page.samples.map(\.value) == [1, 3])
    }

    @Test func `what one family has too much of is left out, and counted`() throws {
        let many = (0..<MetricText.samplesOfFamily + 5).map { ("w\($0)", 1.0) }
        let page = try MetricsPage(MetricText.of([family("lockstep_x", many)]))
        #expect(page.series("lockstep_x").count == MetricText.samplesOfFamily)
        #expect(page.value(MetricText.leftOutName, ["family": "lockstep_x"]) == 5)
    }

    @Test func `every metric has a name that Prometheus takes, and a help`() {
        for metric in OperationsMetric.allCases {
            #expect(MetricText.isName(metric.rawValue) && metric.rawValue.hasPrefix("lockstep_"))
            #expect(metric.help.hasSuffix("."))
        }
        #expect(
            !MetricText.isName("") && !MetricText.isName("9a") && !MetricText.isName("a-b") && !MetricText.isName("ä"))
        #expect(!MetricText.isLabel("__name__") && !MetricText.isLabel("a:b") && MetricText.isLabel("_a9"))
    }
}
