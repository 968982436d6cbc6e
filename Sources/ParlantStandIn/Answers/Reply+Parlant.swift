import EventModel
import StandInDoor

extension Reply {
    /// Parlant's form of a refusal.
    static func detail(_ status: Int, _ text: String) -> Reply { Reply(status, ["detail": .string(text)]) }

    /// Our module's form of a refusal.
    static func module(_ status: Int, _ error: String, _ detail: String, _ more: JSONObject = JSONObject()) -> Reply {
        Reply(
            status,
            .object(
                JSONObject(
                    [.init(key: "error", value: .string(error)), .init(key: "detail", value: .string(detail))]
                        + more.members)))
    }

    /// What our module says of something that is not there.
    static func missing(_ kind: String, _ id: String) -> Reply {
        module(404, "not_found", "there is no \(kind) '\(id)'", ["kind": .string(kind), "id": .string(id)])
    }

    /// What Parlant says of a session that is not there.
    static func noSession(_ id: String) -> Reply { detail(404, "Session not found (id='\(id)')") }

    /// What our module says of a request that breaks rules.
    static func invalid(_ problems: [(code: String, place: String, detail: String)]) -> Reply {
        let told = problems.map { problem -> JSONValue in
            ["code": .string(problem.code), "place": .string(problem.place), "detail": .string(problem.detail)]
        }
        return module(422, "invalid", "the request breaks rules", ["problems": .array(told)])
    }

    /// Nothing to say.
    static let empty = Reply(204, text: "", contentType: "application/json")
    /// Nothing has come while somebody waited for events.
    static let timeout = detail(504, "Request timed out")
    /// No such route.
    static let unknown = detail(404, "Not Found")
}
