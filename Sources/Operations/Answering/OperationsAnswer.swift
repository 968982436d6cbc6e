/// What is answered to somebody who asks how a process does. Whoever speaks HTTP sends it.
public struct OperationsAnswer: Sendable, Equatable {
    /// The status of HTTP.
    public let status: Int
    /// What the body is.
    public let contentType: String
    /// The body.
    public let body: [UInt8]
    /// Which methods there are instead, where it was another one.
    public let allowed: String?

    /// An answer by its parts.
    public init(_ status: Int, _ contentType: String, _ body: [UInt8], allowed: String? = nil) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.allowed = allowed
    }
}
