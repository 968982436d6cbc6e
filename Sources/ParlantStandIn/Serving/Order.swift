import EventModel
import StandInDoor

/// What changes something: a request, as it is kept.
struct Order: Sendable, Equatable {
    let method: String
    let path: [String]
    let query: [String: String]
    /// The version that the header expects, if it does.
    let match: String?
    let body: JSONObject

    /// - Returns: `nil` when what was sent is no object.
    init?(_ request: Request) {
        guard let body = request.object else { return nil }
        self.body = body
        method = request.method
        path = request.path
        query = request.query
        match = request.fields["if-match"].map { $0.filter { $0 != "\"" } }
    }

    /// The order of a line of the journal.
    init?(line: JSONValue) {
        guard let method = line["method"]?.string, let target = line["target"]?.string,
            let body = line["body"]?.object
        else { return nil }
        let request = Request(method: method, target: target)
        self.method = method
        self.body = body
        path = request.path
        query = request.query
        match = line["match"]?.string
    }
}
