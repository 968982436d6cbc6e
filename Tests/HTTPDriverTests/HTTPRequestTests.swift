import HTTPDriver
import Testing

@Suite("What is sent and answered") struct HTTPRequestTests {
    @Test func `a path and a query are encoded`() {
        let request = HTTPRequest(.get, ["a b", "ü?&"], query: [.init("k&", "v=ä")])
        #expect(request.target == "/a%20b/%C3%BC%3F%26?k%26=v%3D%C3%A4")
    }

    @Test(arguments: ["", ".", "..", "a/b", "12345"]) func `what cannot be one segment of a path is told`(
        _ text: String
    ) {
        #expect(!HTTPRequest.isSegment(text, limit: 4))
    }

    @Test(arguments: ["a", "...", "a b", "ü%2F"]) func `what can be one segment is told`(_ text: String) {
        #expect(HTTPRequest.isSegment(text, limit: 5))
    }

    @Test(arguments: [
        ("", "v"), ("a b", "v"), ("a:", "v"), ("ä", "v"), ("a", "v\r\nX-Other: w"), ("a", "\u{0}"), ("a", "ü"),
    ]) func `a header that could become another one is not made`(_ name: String, _ value: String) {
        #expect(HTTPField(name, value) == nil)
    }

    @Test func `a header is never printed with its value`() throws {
        let field = try #require(HTTPField("X-API-Key", "secret-value"))
        var dumped = ""
        dump([field], to: &dumped)
        for text in ["\(field)", String(reflecting: field), dumped, "\(HTTPRequest(.get, ["a"], headers: [field]))"] {
            #expect(!text.contains("secret-value"))
        }
    }

    @Test(
        arguments: [
            ("7", Duration.seconds(7)), ("0", .zero), ("86400", .seconds(86_400)), ("86401", nil), ("-1", nil),
            ("1.5", nil), ("", nil), ("Wed, 21 Oct 2026 07:28:00 GMT", nil), ("99999999999999999999", nil),
        ] as [(String, Duration?)]) func `how long to stay away is believed within bounds`(
            _ text: String, _ wait: Duration?
        )
    {
        #expect(HTTPAnswer(status: 429, headers: ["retry-after": text], body: []).retryAfter == wait)
    }

    @Test(
        arguments: [
            ("application/json", "application/json"), ("Application/JSON; charset=utf-8", "application/json"),
            (" text/html ;x", "text/html"), ("", nil), (";", nil),
        ] as [(String, String?)]) func `the type of a body is told without its parameters`(
            _ text: String, _ type: String?
        )
    {
        #expect(HTTPAnswer(status: 200, headers: ["content-type": text], body: []).contentType == type)
    }
}
