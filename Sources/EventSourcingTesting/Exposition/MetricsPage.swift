/// A page of metrics in Prometheus' text format 0.0.4, read more strictly than Prometheus does: whatever a page of ours must not do is a flaw.
public struct MetricsPage: Sendable {
    /// One number.
    public struct Sample: Sendable, Equatable {
        /// With `_bucket`, `_sum`, `_count` where it has one.
        public let name: String
        /// The labels, escapes undone.
        public let labels: [String: String]
        /// The number.
        public let value: Double
    }

    /// What is wrong with a page, and in which line.
    public struct Flaw: Error, CustomStringConvertible, Equatable {
        /// In words.
        public let description: String
    }

    /// The kinds of the families, by name.
    public private(set) var kinds: [String: String] = [:]
    /// All numbers, in their order.
    public private(set) var samples: [Sample] = []

    private struct Series: Hashable {
        let name: String
        let labels: [String: String]
    }

    private var family = (name: "", hasType: false)
    private var seen: Set<Series> = []

    /// Reads a page.
    public init(_ text: String) throws(Flaw) {
        guard text.isEmpty || text.hasSuffix("\n") else { throw Flaw(description: "the last line does not end") }
        // By scalars: an accent at the beginning of a value would make one character with the quote before it.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        for (index, line) in lines.map(Substring.init).enumerated() {
            do throws(Flaw) { try read(line) } catch {
                throw Flaw(description: "line \(index + 1), \(line): \(error.description)")
            }
        }
        try checkHistograms()
    }

    /// The number of a series; `nil` when there is none.
    public func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    /// All series of a name.
    public func series(_ name: String) -> [Sample] { samples.filter { $0.name == name } }

    private mutating func read(_ line: Substring) throws(Flaw) {
        if line.hasPrefix("# HELP ") {
            let words = line.dropFirst(7).split(separator: " ", maxSplits: 1)
            guard words.count == 2, isName(words[0]) else { throw Flaw(description: "no name or no text") }
            guard kinds[String(words[0])] == nil else { throw Flaw(description: "the family was there already") }
            family = (String(words[0]), false)
        } else if line.hasPrefix("# TYPE ") {
            let words = line.dropFirst(7).split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard words.count == 2, words[0] == family.name, !family.hasType else {
                throw Flaw(description: "it does not follow the help of its family")
            }
            guard ["counter", "gauge", "histogram", "summary"].contains(words[1]) else {
                throw Flaw(description: "there is no such kind")
            }
            guard (words[1] == "counter") == words[0].hasSuffix("_total") else {
                throw Flaw(description: "counters, and only they, end in _total")
            }
            guard !["_ms", "_milliseconds", "_us", "_minutes", "_kb"].contains(where: { words[0].contains($0) }) else {
                throw Flaw(description: "times are in seconds and sizes in bytes")
            }
            kinds[words[0]] = words[1]
            family.hasType = true
        } else {
            try readSample(line)
        }
    }

    private mutating func readSample(_ line: Substring) throws(Flaw) {
        var scanner = SampleScanner(line)
        let sample = try scanner.sample()
        guard family.hasType, let kind = kinds[family.name] else { throw Flaw(description: "it has no kind") }
        let suffixes = ["histogram": ["_bucket", "_sum", "_count"], "summary": ["_sum", "_count"]][kind] ?? [""]
        guard suffixes.contains(where: { family.name + $0 == sample.name }) else {
            throw Flaw(description: "it is not of the family above it")
        }
        guard seen.insert(Series(name: sample.name, labels: sample.labels)).inserted else {
            throw Flaw(description: "the series is there twice")
        }
        guard kind != "counter" || (sample.value >= 0 && sample.value.isFinite) else {
            throw Flaw(description: "counters rise from 0")
        }
        samples.append(sample)
    }

    private func checkHistograms() throws(Flaw) {
        for (name, kind) in kinds where kind == "histogram" {
            for count in series("\(name)_count") {
                let buckets = series("\(name)_bucket").filter { bucket in
                    bucket.labels.filter { $0.key != "le" } == count.labels
                }
                let bounds = buckets.map { $0.labels["le"].flatMap(SampleScanner.number) ?? .nan }
                guard bounds.last == .infinity, zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }),
                    zip(buckets, buckets.dropFirst()).allSatisfy({ $0.value <= $1.value }),
                    buckets.last?.value == count.value, value("\(name)_sum", count.labels) != nil
                else { throw Flaw(description: "the buckets of \(name) contradict each other") }
            }
        }
    }

    private func isName(_ name: Substring) -> Bool { SampleScanner.isWord(name, colons: true) }
}

/// Reads one sample from left to right.
private struct SampleScanner {
    private var rest: Substring.UnicodeScalarView

    init(_ line: Substring) { rest = line.unicodeScalars }

    mutating func sample() throws(MetricsPage.Flaw) -> MetricsPage.Sample {
        let name = rest.prefix { $0 != "{" && $0 != " " }
        guard Self.isWord(Substring(name), colons: true) else { throw MetricsPage.Flaw(description: "no name") }
        rest = rest.dropFirst(name.count)
        let labels = rest.first == "{" ? try self.labels() : [:]
        guard rest.first == " ", let value = Self.number(String(Substring(rest.dropFirst()))) else {
            throw MetricsPage.Flaw(description: "no number behind one space")
        }
        return MetricsPage.Sample(name: String(Substring(name)), labels: labels, value: value)
    }

    private mutating func labels() throws(MetricsPage.Flaw) -> [String: String] {
        var labels: [String: String] = [:]
        repeat {
            rest = rest.dropFirst()
            let name = Substring(rest.prefix { $0 != "=" })
            rest = rest.dropFirst(name.unicodeScalars.count)
            guard Self.isWord(name, colons: false), !name.hasPrefix("__"), rest.starts(with: "=\"".unicodeScalars)
            else {
                throw MetricsPage.Flaw(description: "no label")
            }
            rest = rest.dropFirst(2)
            guard labels.updateValue(try value(), forKey: String(name)) == nil else {
                throw MetricsPage.Flaw(description: "a label is there twice")
            }
        } while rest.first == ","
        guard rest.first == "}" else { throw MetricsPage.Flaw(description: "the labels do not end") }
        rest = rest.dropFirst()
        return labels
    }

    /// Up to the quote that ends it.
    private mutating func value() throws(MetricsPage.Flaw) -> String {
        var value = ""
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"":
                guard !value.isEmpty else { throw MetricsPage.Flaw(description: "an empty value is no label") }
                return value
            case "\\":
                switch rest.popFirst() {
                case "\\": value += "\\"
                case "n": value += "\n"
                case "\"": value += "\""
                default: throw MetricsPage.Flaw(description: "there is no such escape")
                }
            default: value.unicodeScalars.append(scalar)
            }
        }
        throw MetricsPage.Flaw(description: "a value does not end")
    }

    static func isWord(_ word: Substring, colons: Bool) -> Bool {
        guard let first = word.first, !first.isNumber else { return false }
        return word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || (colons && $0 == ":")) }
    }

    static func number(_ text: String) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: text.contains { !($0.isASCII && ($0.isNumber || "+-.e".contains($0))) } ? nil : Double(text)
        }
    }
}
