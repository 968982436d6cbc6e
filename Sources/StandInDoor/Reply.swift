import EventModel

/// What is sent back.
package struct Reply: Sendable, Equatable {
    /// The status.
    package var status: Int
    /// More of the header.
    package var headers: [String: String] = [:]
    /// What the body is.
    package var contentType = "application/json"
    /// The body.
    package var body: [UInt8]

    /// An answer in JSON.
    package init(_ status: Int, _ value: JSONValue, headers: [String: String] = [:]) {
        self.status = status
        self.headers = headers
        body = value.compactBytes()
    }

    /// An answer that is a text.
    package init(_ status: Int, text: String, contentType: String, headers: [String: String] = [:]) {
        self.status = status
        self.headers = headers
        self.contentType = contentType
        body = Array(text.utf8)
    }

    /// A refusal in Sim's form, which stand-ins use for what only a stand-in refuses, too.
    package static func refusal(_ status: Int, _ code: String, _ message: String, cause: String? = nil) -> Reply {
        var error: JSONObject = ["code": .string(code), "message": .string(message)]
        if let cause { error["details"] = ["code": .string(cause)] }
        return Reply(status, ["error": .object(error)])
    }
}
