import EventModel
import StandInDoor
import Testing
import WorkflowDomain

@testable import SimStandIn

@Suite("Requests to the stand-in") struct RequestTests {
    @Test func `a target is taken apart and decoded`() {
        let request = Request(method: "GET", target: "/api/v2/a%20b//%zz%4?limit=5&x=%26%3D&y")
        #expect(request.path == ["api", "v2", "a b", "%zz%4"])
        #expect(request.query == ["limit": "5", "x": "&=", "y": ""])
        #expect(Request(method: "GET", target: "").path == [])
    }

    @Test(arguments: [
        ("/api/v2/workflows/w/execute", "{\"input\":[]}", 400), ("/api/v2/workflows/w/execute", "{", 400),
        ("/api/v2/workflows/w/execute", "[]", 400), ("/api/v2/workflows/w/execute", "{\"no\":1}", 400),
        ("/api/v2/workflows/w/execute", "{\"stream\":true}", 400),
        ("/api/v2/workflows/w/runs/r/resume", "{\"a\":1}", 400),
        ("/api/v2/workflows", "{}", 404), ("/other", "{}", 404),
        ("/api/v2/workflows/w/runs/r/dance", "{}", 404),
    ]) func `what makes no sense is refused in Sim's form`(_ target: String, _ body: String, _ status: Int) {
        guard case .refuse(let reply) = Route(Request(method: "POST", target: target, body: Array(body.utf8))) else {
            Issue.record("taken")
            return
        }
        #expect(reply.status == status)
    }

    @Test(arguments: ["", "a b", "ü", String(repeating: "x", count: 129)])
    func `an id that can be none of a run is refused`(_ id: String) {
        guard
            case .refuse(let reply) = Route(
                Request(method: "POST", target: "/api/v2/workflows/w/execute", key: nil, runID: id))
        else {
            Issue.record("taken")
            return
        }
        #expect(reply.status == 400)
    }
}
