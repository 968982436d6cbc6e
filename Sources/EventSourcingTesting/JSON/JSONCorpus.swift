/// Texts and the verdict that `JSONDoor` owes them. Each verdict was checked against PostgreSQL
/// (`select convert_from($1, 'UTF8')::jsonb`); only the items marked `stricter` are accepted there and refused here.
public struct JSONCorpusItem: Sendable, CustomStringConvertible {
    /// What the door owes a text.
    public enum Verdict: Sendable {
        /// It is let in, and PostgreSQL reads it.
        case accepted
        /// PostgreSQL could not read it.
        case refused
        /// PostgreSQL could, but readers would not agree on what it says.
        case stricter
    }

    /// The text itself, or what it is where it cannot be shown.
    public let name: String
    /// The text as it comes.
    public let bytes: [UInt8]
    /// What the door owes it.
    public let verdict: Verdict
    /// ``name``.
    public var description: String { name }
}

/// Texts that are almost JSON, or JSON at its edges.
public enum JSONCorpus {
    /// Every item.
    public static let all =
        accepted.map { item($0, .accepted) } + refused.map { item($0, .refused) } + stricter.map { item($0, .stricter) }
        + acceptedBytes.map { JSONCorpusItem(name: $0.0, bytes: $0.1, verdict: .accepted) }
        + refusedBytes.map { JSONCorpusItem(name: $0.0, bytes: $0.1, verdict: .refused) } + sized

    private static func item(_ text: String, _ verdict: JSONCorpusItem.Verdict) -> JSONCorpusItem {
        JSONCorpusItem(name: text, bytes: Array(text.utf8), verdict: verdict)
    }

    private static func repeated(_ text: String, _ count: Int) -> [UInt8] {
        Array(String(repeating: text, count: count).utf8)
    }

    private static let accepted = [
        "null", "true", "false", "0", "-0", "1", "-1", "12", "3.14", "-3.14", "0.0", "1e0", "1E0", "1e+0", "1e-0",
        "1E+5",
        "1.5e3", "1.50", "1e00000000005", "0e5", "0e999999", "0e-16383", "0.0e-16382", "1e131071", "-1e131071",
        "9.99e131071", "10e131070", "0.1e131072", "0.01e131073", "1e-16383", "1.0e-16382", "123.456e-16380",
        "0e1073741822", "0.000e131080", "100e131069", "123456789012345678901234567890",
        "\"\"", "\"a\"", "\"\\\"\"", "\"\\\\\"", "\"\\/\"", "\"\\b\\f\\n\\r\\t\"", "\"\\u0041\"", "\"\\u0001\"",
        "\"\\uFFFF\"", "\"\\uffff\"", "\"\\ud7ff\\ue000\"", "\"\\ud83d\\ude00\"", "\"\\uD83D\\uDE00\"",
        "\"\\udbff\\udfff\"", "\"\\ud800\\udc00\"", "\"\\ufeff\"", "\"é\"", "\"\u{7F}\"", "\"\u{80}\"",
        "\"\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\"", "\"日本語\"", "\"😀\"", "\"\\\\u0000\"", "\"'\"", "\"//\"",
        "[]", "{}", "[ ]", "{ }", "[[]]", "[{}]", "{\"a\":{}}", "[1,2,3]", "[ 1 , 2 ]",
        "\t\n\r [\t\n\r 1\t\n\r ]\t\n\r ",
        "{\"a\":1}", "{ \"a\" : 1 , \"b\" : 2 }", "{\"\":0}", "{\"a\":1,\"A\":2}", "{\"é\":1,\"e\u{301}\":2}",
        "{\"a\":{\"a\":{\"a\":1}}}", "[{\"a\":1},{\"a\":2}]", "{\"a\":1,\"b\":{\"a\":1,\"b\":2}}", "[null,true,false]",
        "{\"a\\u0062\":1,\"ac\":2}", "{\"abcdefgh\":1,\"abcdefghi\":2}", "\n1\n", "[\"\\ud83d\\ude00\",-0.0]",
    ]

    private static let refused = [
        "", " ", "\n\t", "nul", "nulll", "True", "NULL", "tru", "truefalse", "nan", "NaN", "Infinity", "-Infinity",
        "undefined", "'a'", "a", "01", "-01", "00", "-", "+1", ".5", "-.5", "1.", "1.e5", "1e", "1e+", "1e-", "1e5.0",
        "0x10", "1_0",
        "1e1_0", "--1", "1-", "1a", "1\u{e9}", "1 2", "1,", ",1", "- 1", "1 .5",
        "1e131072", "-1e131072", "10e131071", "0.1e131073", "1e-16384", "1.0e-16383", "0e-16384", "0.0e-16383",
        "1e1000000",
        "1e-1000000", "1e2147483647", "1e99999999999999999999", "1e-99999999999999999999", "0e1073741824",
        "0e99999999999", "0e-99999999999",
        "\"", "\"a", "\"\\", "\"\\\"", "\"\\x\"", "\"\\'\"", "\"\\U0041\"", "\"\\u\"", "\"\\u1\"", "\"\\u12\"",
        "\"\\u123\"",
        "\"\\u123g\"", "\"\\u 041\"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\udbff\"", "\"\\udc00\"",
        "\"\\udfff\"", "\"\\ud83dx\"", "\"\\ud83d\\n\"", "\"\\ud83d\\u0041\"", "\"\\ud83d\\ud83d\"",
        "\"\\ude00\\ud83d\"",
        "\"\\ud83d\\\\ude00\"", "\"\\ud83d", "\"\\ud83d\\", "\"\\ud83d\\u", "\"a\nb\"", "\"a\tb\"", "\"\u{1}\"",
        "\"\u{1F}\"",
        "\"a\"b", "\"a\"\"b\"",
        "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1:2]", "[1}", "{]", "[}",
        "{\"a\"}",
        "{\"a\":}", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{,\"a\":1}", "{a:1}", "{1:1}", "{null:1}",
        "{\"a\" 1}",
        "{\"a\"::1}", "{\"a\":1 \"b\":2}", "{\"a\":1;\"b\":2}", "{\"a\":1]", "{\"a\",1}", "{\"a\":1}}", "[]]", "[] []",
        "{}x",
        "{\"\\u0000\":1}", "{\"\\ud800\":1}", "// x\n1", "/* x */ 1", "1 // x", "#1", "\u{FEFF}1", "\u{FEFF}",
        "[\u{A0}1]",
        "\u{B}1", "\u{C}1", "1\u{B}", "[\u{2028}]", "[1]\u{0}", "\u{0}", "[tru]", "[falsee]", "[nul,1]", "{\"a\":01}",
    ]

    private static let stricter = [
        "{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"a\":3}", "{\"\":1,\"\":2}", "{\"a\":1,\"\\u0061\":2}",
        "{\"\\u00e9\":1,\"é\":2}", "{\"\\ud83d\\ude00\":1,\"😀\":2}", "{\"\\/\":1,\"/\":2}", "{\"\\n\":1,\"\\u000a\":2}",
        "[{\"x\":{\"k\":1,\"k\":2}}]", "{\"abcdefgh\":1,\"abcdefgh\":2}",
        "{\"abcdefghijklmnopq\":1,\"abcdefghijklmnopq\":2}",
        "{\"a\":{\"b\":1},\"a\":{\"b\":1}}", "{ \"a\" : 1 , \"a\" : 1 }",
    ]

    private static let acceptedBytes: [(String, [UInt8])] = [
        ("U+00BF in two bytes", [0x22, 0xC2, 0xBF, 0x22]), ("U+0800 in three bytes", [0x22, 0xE0, 0xA0, 0x80, 0x22]),
        ("U+D7FF, the last before the surrogates", [0x22, 0xED, 0x9F, 0xBF, 0x22]),
        ("U+E000, the first behind the surrogates", [0x22, 0xEE, 0x80, 0x80, 0x22]),
        ("U+FEFF inside a string", [0x22, 0xEF, 0xBB, 0xBF, 0x22]),
        ("U+10FFFF in four bytes", [0x22, 0xF4, 0x8F, 0xBF, 0xBF, 0x22]),
    ]

    private static let refusedBytes: [(String, [UInt8])] = [
        ("a continuation alone", [0x22, 0x80, 0x22]), ("0xBF alone", [0x22, 0xBF, 0x22]),
        ("NUL in two bytes", [0x22, 0xC0, 0x80, 0x22]), ("overlong slash", [0x22, 0xC1, 0xAF, 0x22]),
        ("overlong in three bytes", [0x22, 0xE0, 0x9F, 0xBF, 0x22]),
        ("overlong in four bytes", [0x22, 0xF0, 0x8F, 0xBF, 0xBF, 0x22]),
        ("an encoded high surrogate", [0x22, 0xED, 0xA0, 0x80, 0x22]),
        ("an encoded low surrogate", [0x22, 0xED, 0xBF, 0xBF, 0x22]),
        ("beyond U+10FFFF", [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22]), ("lead 0xF5", [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22]),
        ("lead 0xFF", [0x22, 0xFF, 0x22]), ("lead 0xFE", [0x22, 0xFE, 0x22]),
        ("two bytes cut by the quote", [0x22, 0xC3, 0x22]), ("three bytes cut by the quote", [0x22, 0xE2, 0x82, 0x22]),
        ("four bytes cut by the quote", [0x22, 0xF0, 0x9F, 0x98, 0x22]), ("cut by the end", [0x22, 0xE2, 0x82]),
        ("lead byte last", [0x22, 0xE2]), ("a raw NUL in a string", [0x22, 0x61, 0x00, 0x62, 0x22]),
        ("a raw NUL between values", [0x5B, 0x00, 0x5D]), ("UTF-16, little endian", [0xFF, 0xFE, 0x31, 0x00]),
        ("a byte order mark", [0xEF, 0xBB, 0xBF, 0x7B, 0x7D]), ("Latin-1", [0x22, 0xE9, 0x22]),
        ("a malformed key", [0x7B, 0x22, 0xC0, 0xAF, 0x22, 0x3A, 0x31, 0x7D]), ("0x80 as a value", [0x80]),
    ]

    private static let sized: [JSONCorpusItem] = [
        .init(name: "131072 digits", bytes: repeated("9", 131_072), verdict: .accepted),
        .init(name: "131073 digits", bytes: repeated("9", 131_073), verdict: .refused),
        .init(name: "16383 decimals", bytes: Array("0.".utf8) + repeated("1", 16_383), verdict: .accepted),
        .init(name: "16384 decimals", bytes: Array("0.".utf8) + repeated("1", 16_384), verdict: .refused),
        .init(name: "16384 decimals of zero", bytes: Array("0.".utf8) + repeated("0", 16_384), verdict: .refused),
        .init(
            name: "16385 decimals and e1", bytes: Array("0.".utf8) + repeated("1", 16_384) + Array("e1".utf8),
            verdict: .accepted),
        .init(name: "131072 digits and e1", bytes: repeated("9", 131_072) + Array("e1".utf8), verdict: .refused),
        .init(name: "131073 digits and e-1", bytes: repeated("9", 131_073) + Array("e-1".utf8), verdict: .accepted),
        .init(name: "128 arrays", bytes: repeated("[", 128) + repeated("]", 128), verdict: .accepted),
        .init(name: "129 arrays", bytes: repeated("[", 129) + repeated("]", 129), verdict: .stricter),
        .init(name: "128 objects", bytes: repeated("{\"a\":", 128) + [0x31] + repeated("}", 128), verdict: .accepted),
        .init(name: "129 objects", bytes: repeated("{\"a\":", 129) + [0x31] + repeated("}", 129), verdict: .stricter),
        .init(name: "128 arrays unclosed", bytes: repeated("[", 128), verdict: .refused),
        .init(name: "a long string", bytes: [0x22] + repeated("é", 20_000) + [0x22], verdict: .accepted),
        .init(name: "200 keys", bytes: object(keys: (0..<200).map { "k\($0)" }), verdict: .accepted),
        .init(
            name: "200 keys, one twice", bytes: object(keys: (0..<200).map { "k\($0 == 199 ? 7 : $0)" }),
            verdict: .stricter),
        .init(name: "17 keys, one twice", bytes: object(keys: (0..<17).map { "k\($0 % 16)" }), verdict: .stricter),
        .init(name: "5000 keys", bytes: object(keys: (0..<5_000).map { "k\($0)" }), verdict: .accepted),
    ]

    /// An object with these keys, in this order.
    public static func object(keys: [String]) -> [UInt8] {
        Array(("{" + keys.map { "\"\($0)\":0" }.joined(separator: ",") + "}").utf8)
    }
}
