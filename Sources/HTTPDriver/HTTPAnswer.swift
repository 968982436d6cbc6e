/// What a server answered.
public struct HTTPAnswer: Sendable, Equatable {
    /// The status.
    public let status: Int
    /// The headers that are kept, by name in small letters: the type of the body and when to come back.
    public let headers: [String: String]
    /// The body.
    public let body: [UInt8]

    /// The names of the headers that are kept.
    public static let headersKept = ["content-type", "retry-after"]
    /// Characters kept of a header.
    public static let headerCharacters = 200

    /// An answer.
    public init(status: Int, headers: [String: String] = [:], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Whether it says that the request was carried out.
    public var isSuccess: Bool { (200..<300).contains(status) }

    /// The type of the body in small letters, without parameters; `nil` when the server does not say.
    public var contentType: String? {
        guard let value = headers["content-type"], let type = value.split(separator: ";").first else { return nil }
        let word = type.split(separator: " ").first.map { $0.lowercased() }
        return word
    }

    /// How long the server asks to stay away, from `Retry-After` in seconds; `nil` when it does not say or says it as a date.
    public var retryAfter: Duration? {
        guard let text = headers["retry-after"], let seconds = Int(text), (0...Self.longestRetryAfter).contains(seconds)
        else { return nil }
        return .seconds(seconds)
    }

    /// The longest `Retry-After` that is believed, in seconds.
    public static let longestRetryAfter = 86_400
}
