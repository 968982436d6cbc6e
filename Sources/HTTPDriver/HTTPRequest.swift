/// A request to a server.
public struct HTTPRequest: Sendable, Equatable {
    /// The methods that are sent.
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
    /// Headers of this request, beside those that every request has.
    public let headers: [HTTPField]
    /// The body, JSON, if there is one.
    public let body: [UInt8]?

    /// A request.
    public init(
        _ method: Method, _ path: [String], query: [QueryItem] = [], headers: [HTTPField] = [], body: [UInt8]? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// Path and query as they stand in a request line: everything that is not a letter, a digit or one of `-._~` is encoded.
    public var target: String {
        let path = "/" + path.map(Self.encoded).joined(separator: "/")
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    /// Whether `text` can be one segment of a path: not empty, no step to elsewhere, no slash, at most `limit` bytes.
    public static func isSegment(_ text: String, limit: Int) -> Bool {
        !text.isEmpty && text != "." && text != ".." && text.utf8.count <= limit
            && !text.utf8.contains(UInt8(ascii: "/"))
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

/// One header.
public struct HTTPField: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// Its value. May be a credential, so it is never printed.
    public let value: String

    /// A header.
    /// - Returns: `nil` when the name is no token, or the value holds anything but visible ASCII and blanks: a line break in a value would
    ///   begin another header.
    public init?(_ name: String, _ value: String) {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isToken), value.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { return nil }
        self.name = name
        self.value = value
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension HTTPField: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The name; the value is hidden.
    public var description: String { "\(name): (hidden)" }
    /// The name; the value is hidden.
    public var debugDescription: String { description }
    /// The name; the value is hidden.
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
