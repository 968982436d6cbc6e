import EventModel

/// One request to a server, and its answer. The only door through which this module reaches the world.
public protocol HTTPExchange: Sendable {
    /// Sends `request` and waits for the whole answer.
    ///
    /// - Parameters:
    ///   - timeout: how long all of it may take.
    ///   - limit: the largest answer, in bytes.
    func send(
        _ request: ParlantRequest, within timeout: Duration, atMost limit: Int
    ) async throws(ExchangeFault) -> ParlantAnswer
}

/// A request to Parlant.
public struct ParlantRequest: Sendable, Equatable {
    /// The methods that Parlant knows.
    public enum Method: String, Sendable {
        /// Reads.
        case get = "GET"
        /// Makes, or does.
        case post = "POST"
        /// Makes it so.
        case put = "PUT"
        /// Changes parts.
        case patch = "PATCH"
        /// Removes.
        case delete = "DELETE"
    }

    /// A name and a value behind the question mark.
    public struct QueryItem: Sendable, Hashable {
        /// The name.
        public let name: String
        /// The value, not encoded.
        public let value: String

        /// An item.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What is to be done.
    public let method: Method
    /// The segments of the path, not encoded.
    public let path: [String]
    /// What stands behind the question mark, in order.
    public let query: [QueryItem]
    /// The body, if there is one.
    public let body: JSONValue?

    /// A request.
    public init(_ method: Method, _ path: [String], query: [QueryItem] = [], body: JSONValue? = nil) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
    }

    /// Path and query as they stand in a request line: everything that is not a letter, a digit or one of `-._~` is encoded.
    public var target: String {
        let path = "/" + path.map(Self.encoded).joined(separator: "/")
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What a server answered.
public struct ParlantAnswer: Sendable, Equatable {
    /// The status.
    public let status: Int
    /// The body.
    public let body: [UInt8]

    /// An answer.
    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Why there is no answer.
public enum ExchangeFault: Error, Sendable, Equatable {
    /// Nobody was reached; the request was not sent.
    case unreachable(reason: String)
    /// The connection ended before the answer did; the request may have been carried out.
    case brokenOff(reason: String)
    /// Time ran out; the request may have been carried out.
    case timedOut(after: Duration)
    /// The answer is larger than allowed; the request was carried out.
    case tooLarge(limit: Int)
    /// The caller's task was cancelled; the request may have been carried out.
    case cancelled
}
