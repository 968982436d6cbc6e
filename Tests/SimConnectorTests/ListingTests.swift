import EventModel
import HTTPDriver
import SimConnector
import Testing
import WorkflowDomain

@Suite("Lists and logs of Sim") struct ListingTests {
    static func item(_ run: String) -> JSONValue { ["runId": .string(run), "workflowId": "w", "status": "running"] }

    func page(_ text: JSONValue, after cursor: String? = nil, limit: Int = 2) async throws -> Result<
        SimRunPage, SimError
    > {
        let connector = try Script([says(text)]).connector(attempts: 1)
        do throws(SimError) {
            return .success(try await connector.runs(of: "w", after: cursor, limit: limit))
        } catch {
            return .failure(error)
        }
    }

    @Test func `a page names its runs and the next one`() async throws {
        let read = try await page(["data": [Self.item("a"), Self.item("b")], "nextCursor": "x"]).get()
        #expect(read.runs.map(\.run) == ["a", "b"] && read.next == "x")
        let last = try await page(["data": [], "nextCursor": .null]).get()
        #expect(last.runs.isEmpty && last.next == nil)
    }

    @Test func `what is asked for is within what Sim takes`() async throws {
        let script = Script([says(["data": []])])
        _ = try await script.connector().runs(of: "a b", after: "x&y", limit: 9_999, status: .failed)
        #expect(script.asked[0].target == "/api/v2/workflows/a%20b/runs?limit=100&status=failed&cursor=x%26y")
    }

    @Test(
        arguments: [
            ["data": [:]], ["data": [item("a"), item("a")]], ["data": [item("a"), item("b"), item("c")]],
            ["data": [item("a"), 7]], ["data": [], "nextCursor": 7], ["data": [], "nextCursor": "here"],
            ["data": [["runId": "a", "workflowId": "other", "status": "running"]]],
            ["data": [], "nextCursor": .string(String(repeating: "x", count: 9_999))],
        ] as [JSONValue]) func `a page that leads astray is refused`(_ text: JSONValue) async throws
    {
        guard case .failure(.malformed) = try await page(text, after: "here") else {
            Issue.record("taken")
            return
        }
    }

    @Test func `a log is handed on byte for byte`() async throws {
        let text = #"{ "data": {"runId":"r","status":"completed","x":1.50,"traceSpans":[]} }"#
        let log = try await Script([tells(text)]).connector().log(of: "r")
        #expect(log == Array(text.utf8))
    }

    @Test(arguments: [
        #"{"data":{"runId":"x","status":"completed"}}"#, #"{"data":{}}"#, "{}", "[", "<html>",
        #"{"data":{"runId":"r","runId":"r"}}"#,
    ]) func `the log of another run, or none at all, is refused`(_ text: String) async throws {
        let connector = try Script([tells(text)]).connector(attempts: 1)
        guard case .malformed = await refusal({ () async throws(SimError) in _ = try await connector.log(of: "r") })
        else {
            Issue.record("taken")
            return
        }
    }
}
