import EventModel
import StandInDoor
import WorkflowDomain

/// What a request asks for.
enum Route {
    /// Nothing that can be done.
    case refuse(Reply)
    /// To be shown something.
    case look(@Sendable (StandIn) -> Reply)
    /// That something be done; with where the run is found then.
    case order(StandIn.Input, base: String)

    init(_ request: Request) {
        let path = request.path
        guard path.count >= 4, path[0] == "api", path[1] == "v2" else {
            self = .refuse(.refusal(404, "NOT_FOUND", "Not found"))
            return
        }
        let base = "http://\(request.host)/api/v2/workflows/\(path[3])/runs/"
        switch (request.method, path[2], Array(path.dropFirst(4))) {
        case ("GET", "logs", []): self = .look { Self.log(path[3], $0) }
        case ("POST", "workflows", ["execute"]): self = Self.execute(path[3], request, base)
        case ("GET", "workflows", ["runs"]): self = .look { Self.list(path[3], request.query, $0) }
        case ("GET", "workflows", let rest) where rest.count == 2 && rest[0] == "runs":
            self = .look { Self.run(rest[1], of: path[3], $0) }
        case ("POST", "workflows", let rest) where rest.count == 3 && rest[0] == "runs" && rest[2] == "resume":
            self = Self.resume(rest[1], of: path[3], request, base)
        case ("POST", "workflows", let rest) where rest.count == 3 && rest[0] == "runs" && rest[2] == "cancel":
            self = .order(.cancel(workflow: path[3], run: rest[1]), base: base)
        default: self = .refuse(.refusal(404, "NOT_FOUND", "Not found"))
        }
    }

    private static func bad(_ message: String) -> Route { .refuse(.refusal(400, "BAD_REQUEST", message)) }

    private static func execute(_ workflow: String, _ request: Request, _ base: String) -> Route {
        guard let body = request.object else { return bad("The body is no JSON object") }
        guard Set(body.keys).isSubset(of: ["input", "async", "stream", "selectedOutputs"]) else {
            return bad("Unknown options")
        }
        guard body["stream"]?.bool != true else { return bad("This one does not stream") }
        guard body["input"] == nil || body["input"]?.object != nil else { return bad("input is no object") }
        if let run = request.runID, !isRunID(run) { return bad("X-Run-Id is no run id") }
        return .order(
            .execute(
                workflow: workflow, input: body["input"]?.object ?? JSONObject(), run: request.runID,
                isQueued: body["async"]?.bool ?? false), base: base)
    }

    private static func resume(_ run: String, of workflow: String, _ request: Request, _ base: String) -> Route {
        guard let body = request.object, Set(body.keys).isSubset(of: ["contextId", "input"]) else {
            return bad("The body is no object of contextId and input")
        }
        return .order(
            .resume(workflow: workflow, run: run, context: body["contextId"]?.string, input: body["input"]), base: base)
    }

    private static func isRunID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789._:-".unicodeScalars.contains($0))
            }
    }

    private static func run(_ id: String, of workflow: String, _ core: StandIn) -> Reply {
        guard let run = core.runs[id], run.workflow == workflow else {
            return .refusal(404, "NOT_FOUND", "Run not found")
        }
        return Reply(200, ["data": run.resource])
    }

    private static func log(_ id: String, _ core: StandIn) -> Reply {
        guard let run = core.runs[id], let graph = core.workflows[run.workflow] else {
            return .refusal(404, "NOT_FOUND", "Log not found")
        }
        return Reply(200, ["data": run.log(graph)])
    }

    /// The newest first; the cursor is the number of runs that were shown.
    private static func list(_ workflow: String, _ query: [String: String], _ core: StandIn) -> Reply {
        guard core.workflows[workflow] != nil else { return .refusal(404, "NOT_FOUND", "Workflow not found") }
        guard let limit = Int(query["limit"] ?? "50"), (1...100).contains(limit),
            let first = Int(query["cursor"] ?? "0"), first >= 0
        else { return .refusal(400, "BAD_REQUEST", "limit is 1 to 100, cursor what the page before said") }
        let runs = core.order.reversed().compactMap { core.runs[$0] }.filter { run in
            run.workflow == workflow && (query["status"].map { $0 == run.status.rawValue } ?? true)
        }
        let shown = runs.dropFirst(first).prefix(limit)
        let next = first + shown.count
        return Reply(
            200,
            [
                "data": .array(shown.map { .object($0.summary) }),
                "nextCursor": next < runs.count ? .string(String(next)) : .null,
            ])
    }
}
