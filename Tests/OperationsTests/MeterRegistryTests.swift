import CoreMetrics
import EventSourcingTesting
import Testing

@testable import Operations

@Suite("What a process counts") struct MeterRegistryTests {
    let registry = MeterRegistry(help: ["a_b_total": "Counted."])

    private func page() throws -> MetricsPage { try MetricsPage(MetricText.of(registry.metrics)) }

    @Test func `a counter that is made twice is one, and only rises`() throws {
        for _ in 0..<2 {
            let counter = Counter(label: "a.b", dimensions: [("y", "2"), ("x", "1")], factory: registry)
            counter.increment(by: 3)
            counter.increment(by: -9)
            counter.destroy()
        }
        Counter(label: "a.b", dimensions: [("x", "1"), ("y", "2")], factory: registry).increment()
        #expect(try page().value("a_b_total", ["x": "1", "y": "2"]) == 7)
        #expect(MetricText.of(registry.metrics).contains("# HELP a_b_total Counted.\n"))
    }

    @Test func `a time is in seconds and in every bucket that it fits in`() throws {
        let timer = Timer(label: "a.wait", dimensions: [("x", "1")], factory: registry)
        for nanoseconds in [500_000, 1_000_000, 3_000_000_000, 7_200_000_000_000] as [Int64] {
            timer.recordNanoseconds(nanoseconds)
        }
        timer.recordNanoseconds(Int64(-5))
        let page = try page()
        #expect(page.kinds["a_wait_seconds"] == "histogram")
        func bucket(_ bound: String) -> Double? { page.value("a_wait_seconds_bucket", ["x": "1", "le": bound]) }
        #expect(bucket("0.001") == 3 && bucket("2.5") == 3 && bucket("10") == 4 && bucket("60") == 4)
        #expect(bucket("+Inf") == 5 && page.value("a_wait_seconds_count", ["x": "1"]) == 5)
        #expect(page.value("a_wait_seconds_sum", ["x": "1"]) == 7203.0015)
    }

    @Test func `gauges stand where they were put, and recorders sum`() throws {
        Meter(label: "a.level", factory: registry).set(4.5)
        Meter(label: "a.level", factory: registry).increment(by: 0.5)
        Gauge(label: "a.gauge", factory: registry).record(7)
        let recorder = Recorder(label: "a.sizes", factory: registry)
        recorder.record(2)
        recorder.record(0.5)
        FloatingPointCounter(label: "a.part", factory: registry).increment(by: 2.5)
        let page = try page()
        #expect(page.value("a_level") == 5 && page.value("a_gauge") == 7)
        #expect(page.value("a_sizes_sum") == 2.5 && page.value("a_sizes_count") == 2)
        #expect(page.value("a_part_total") == 2)
    }

    @Test func `label sets and names are bounded, and what is more goes into one series`() throws {
        for index in 0..<MeterRegistry.labelSets + 50 {
            Counter(label: "a.b", dimensions: [("x", "\(index)")], factory: registry).increment()
        }
        #expect(try page().series("a_b_total").count == MeterRegistry.labelSets + 1)
        #expect(try page().value("a_b_total", ["overflow": "true"]) == 50)
        for index in 0..<MeterRegistry.names + 50 { Counter(label: "n\(index)", factory: registry).increment() }
        #expect(try page().kinds.count == MeterRegistry.names)
    }

    @Test func `a name that was used for something else counts nothing, and spoils nothing`() throws {
        Counter(label: "a.b", factory: registry).increment()
        Meter(label: "a_b_total", dimensions: [("x", "1")], factory: registry).set(9.0)
        Recorder(label: "a.b.total", factory: registry).record(9)
        #expect(try page().samples.map(\.value) == [1])
    }

    @Test func `whatever libraries call things, the page can be read`() throws {
        let names = ["", "9", "é.y", "a b", "__x", "x{y=\"z\"}", String(repeating: "n", count: 1_000)]
        for name in names {
            Counter(
                label: name, dimensions: names.map { ($0, $0 + "\n\"") } + [("le", "1"), ("x", "1"), ("x", "2")],
                factory: registry
            ).increment()
        }
        let page = try page()
        #expect(page.samples.count == names.count)
        #expect(page.samples.allSatisfy { $0.labels["x"] == "2" && $0.labels["label_le"] == "1" })
        #expect(page.samples.allSatisfy { $0.labels.values.allSatisfy { $0.utf8.count <= MeterRegistry.valueBytes } })
    }

    @Test func `many tasks may count at once, and nothing is lost`() async throws {
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { [registry] in
                    for _ in 0..<1_000 {
                        Counter(label: "a.b", dimensions: [("x", "\(task % 2)")], factory: registry).increment()
                    }
                }
            }
        }
        #expect(try page().series("a_b_total").map(\.value) == [4_000, 4_000])
    }
}
