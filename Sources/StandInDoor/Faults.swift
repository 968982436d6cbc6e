import EventModel

/// What is to go wrong with the next requests to the interface, in order. Set and cleared under `/_stand_in/faults`.
package struct Faults: Sendable {
    /// What goes wrong.
    package enum Kind: Sendable, Equatable {
        /// Nothing is done and nothing is answered, until the caller gives up.
        case silence
        /// It is done, and the connection closed without an answer.
        case dropAfterDoing
        /// It is not done, and the connection closed without an answer.
        case dropBeforeDoing
        /// It is done, and half of the answer sent.
        case half
        /// It is done, and the answer sent twice.
        case answerTwice
        /// It is not done; this is answered.
        case answer(Reply)
    }

    /// What is to go wrong next; with the method that it waits for, if it does.
    private var queue: [(kind: Kind, times: Int, method: String?)] = []

    /// The fault of a request with this method.
    package mutating func next(for method: String) -> Kind? {
        guard let first = queue.first, first.method ?? method == method else { return nil }
        if first.times <= 1 { queue.removeFirst() } else { queue[0].times -= 1 }
        return first.kind
    }

    /// One more, for so many requests; of one method only, if one is named.
    package mutating func add(_ kind: Kind, times: Int, method: String? = nil) {
        queue.append((kind, max(1, times), method))
    }
    /// Nothing is to go wrong any more.
    package mutating func clear() { self = Faults() }

    /// Nothing is to go wrong.
    package init() {}

    /// Reads `{kind, times?, method?, status?, body?, content_type?, retry_after?, location?}`.
    package static func read(_ value: JSONValue) -> (kind: Kind, times: Int)? {
        let times = value["times"]?.int ?? 1
        switch value["kind"]?.string {
        case "silence": return (.silence, times)
        case "drop_after_doing": return (.dropAfterDoing, times)
        case "drop_before_doing": return (.dropBeforeDoing, times)
        case "half": return (.half, times)
        case "answer_twice": return (.answerTwice, times)
        case "answer":
            let status = value["status"]?.int ?? 503
            guard (200..<600).contains(status) else { return nil }
            var headers: [String: String] = [:]
            if let wait = value["retry_after"]?.int { headers["Retry-After"] = String(wait) }
            if let place = value["location"]?.string { headers["Location"] = place }
            guard let body = value["body"]?.string else {
                var reply = Reply.refusal(status, "STAND_IN", "as was asked for", cause: value["cause"]?.string)
                reply.headers = headers
                return (.answer(reply), times)
            }
            let type = value["content_type"]?.string ?? "application/json"
            return (.answer(Reply(status, text: body, contentType: type, headers: headers)), times)
        default: return nil
        }
    }
}
