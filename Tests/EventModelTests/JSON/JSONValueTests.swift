import EventModel
import EventSourcingTesting
import Testing

@Suite("JSON values") struct JSONValueTests {
    @Test(arguments: JSONCorpus.all.filter { $0.verdict == .accepted })
    func `survive writing and reading without losing anything`(_ item: JSONCorpusItem) throws {
        let value = try JSONValue(item.bytes)
        #expect(try JSONValue(value.compactBytes()) == value)
        let canonical = value.canonicalBytes()
        #expect(try JSONValue(canonical).canonicalBytes() == canonical)
    }

    @Test func `keep order, spelling and scalars`() throws {
        let text = #"{"b":1.50,"a":[-0,1E+2,"é\"\\\u0001/"],"":{"z":null,"y":true}}"#
        #expect(String(decoding: try JSONValue(text: text).compactBytes(), as: UTF8.self) == text)
    }

    @Test(arguments: [
        ("1.0", "1"), ("-0", "0"), ("-0.0", "0"), ("1e2", "100"), ("1E+2", "100"), ("100e-2", "1"), ("0.10", "0.1"),
        ("1e20", "100000000000000000000"), ("1e21", "1e+21"), ("123e20", "1.23e+22"), ("0.000001", "0.000001"),
        ("1e-7", "1e-7"), ("12e-8", "1.2e-7"), ("-1.50", "-1.5"), ("9007199254740993", "9007199254740993"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"), ("1e131071", "1e+131071"),
        ("123456789012345678901234567890", "1.2345678901234567890123456789e+29"),
        ("1234567890123456.50", "1234567890123456.5"),
    ])
    func `have one canonical number per value`(_ lexeme: String, _ canonical: String) throws {
        #expect(try #require(JSONNumber(lexeme)).canonical == canonical)
        #expect(try #require(JSONNumber(canonical)).canonical == canonical)
    }

    @Test func `sort canonical keys by UTF-16 code units as RFC 8785 wants`() throws {
        let value = try JSONValue(text: #"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#)
        let keys = try #require(JSONValue(value.canonicalBytes()).object?.keys)
        #expect(keys == ["\r", "1", "\u{80}", "ö", "€", "😀", "\u{FB33}"])
    }

    @Test func `tell strings apart that Swift would call equal`() throws {
        let value = try JSONValue(text: "{\"é\":1,\"e\u{301}\":2}")
        #expect(value["é"] == 1 && value["e\u{301}"] == 2)
        #expect(JSONValue.string("é") != .string("e\u{301}"))
    }

    @Test func `answer by key, index and path`() throws {
        let value: JSONValue = [
            "state": ["edges": [["id": "e"], ["target": "b", "n": 3]]], "ok": true, "none": .null,
        ]
        #expect(value["state"]?["edges"]?[1]?["target"]?.string == "b")
        #expect(value[JSONPath.root["state"]["edges"][1]["n"]]?.int == 3)
        #expect(value["state"]?["edges"]?[2] == nil && value["missing"] == nil && value["none"]?.isNull == true)
        #expect(JSONPath.root["state"]["edges"][3]["a b"].description == #"$.state.edges[3]["a b"]"#)
    }

    @Test func `numbers answer what fits`() throws {
        #expect(JSONNumber("1.0")?.int == 1)
        #expect(JSONNumber("1.5")?.int == nil && JSONNumber("1e400")?.int == nil)
        #expect(JSONNumber(0.1)?.lexeme == "0.1" && JSONNumber(Double.infinity) == nil)
        for lexeme in ["", "1 ", " 1", "a", "[1]", "01", "1e131072", "\"1\""] { #expect(JSONNumber(lexeme) == nil) }
    }

    @Test func `are put into canonical form however they were put together`() throws {
        let keys = ["a", "ab", "b", "é", "e\u{301}", "\u{E000}", "😀", ""]
        let odd: JSONValue = .number(try #require(JSONNumber("1.0")))
        let values: [JSONValue] = [
            1, odd, .null, "x", ["y": 1, "x": 2], ["x": 1, "y": [2, odd]], [["d": ["f": 1, "e": 2], "c": 3]], [[odd]],
        ]
        for seed in 0..<300 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var object: JSONObject = seed % 2 == 0 ? [:] : ["c": ["b": 1, "a": [2]]]
            for _ in 0..<12 {
                switch Int.random(in: 0..<12, using: &random) {
                case 0...6: object[keys.randomElement(using: &random) ?? ""] = values.randomElement(using: &random)
                case 7: object[keys.randomElement(using: &random) ?? ""] = nil
                case 8: object = object.canonicalized
                case 9: object = object.removing(["a", "é"])
                case 10: object = JSONObject([.init(key: "in", value: .object(object))])
                default: object = try #require(JSONValue(JSONValue.object(object).compactBytes()).object)
                }
                let canonical = JSONValue.object(object).canonicalBytes()
                #expect(String(decoding: canonical, as: UTF8.self) == Self.canonical(.object(object)), "seed \(seed)")
            }
        }
    }

    /// The canonical form as RFC 8785 describes it; it shares nothing with ours but the spelling of numbers.
    private static func canonical(_ value: JSONValue) -> String {
        switch value {
        case .null, .bool, .string: return String(decoding: value.compactBytes(), as: UTF8.self)
        case .number(let number): return number.canonical
        case .array(let elements): return "[" + elements.map(canonical).joined(separator: ",") + "]"
        case .object(let object):
            let members = object.members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
            return "{" + members.map { canonical(.string($0.key)) + ":" + canonical($0.value) }.joined(separator: ",")
                + "}"
        }
    }

    @Test func `a key given twice keeps its last value`() {
        var object = JSONObject([.init(key: "a", value: 1), .init(key: "b", value: 2), .init(key: "a", value: 3)])
        #expect(object.keys == ["a", "b"] && object["a"] == 3)
        object["b"] = nil
        object["c"] = 4
        #expect(object.keys == ["a", "c"])
    }
}

@Suite("The JSON writer") struct JSONWriterTests {
    @Test func `sets commas and escapes by itself`() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("a")
            writer.array { writer in
                writer.int(-12)
                writer.int(UInt64.max)
                writer.int(Int64.min)
                writer.object { _ in }
                writer.array { _ in }
            }
            writer.key("q\"" as String)
            writer.string("\u{0}\u{1F}\u{8}\t\n\u{C}\r\"\\/é")
            writer.key("raw")
            writer.raw(Array("{\"x\":1}".utf8))
            writer.key("b")
            writer.bool(false)
            writer.key("n")
            writer.null()
        }
        let expected =
            #"{"a":[-12,18446744073709551615,-9223372036854775808,{},[]],"q\"":"\u0000\u001f\b\t\n\f\r\"\\/é","#
            + #""raw":{"x":1},"b":false,"n":null}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    @Test(arguments: ["\"", "\\", "\n", "\u{1F}", "\u{0}", " ", "\u{7F}", "\u{80}", "é", "😀", "!", "]"])
    func `escapes at every place of a text of every length`(_ scalar: Character) throws {
        for length in 0..<20 {
            for place in 0...length {
                var text = Array(repeating: Character("a"), count: length)
                text.insert(scalar, at: place)
                let value = JSONValue.string(String(text))
                let isEscaped = "\"\\\n\u{1F}\u{0}".contains(scalar)
                #expect(value.compactBytes().contains(UInt8(ascii: "\\")) == isEscaped)
                if scalar != "\u{0}" { #expect(try JSONValue(value.compactBytes()) == value) }
            }
        }
    }
}
