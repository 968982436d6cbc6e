import EventModel
import HTTPDriver
import SimConnector
import StandInDoor
import Testing
import WorkflowDomain

@testable import SimStandIn

@Suite("Sim, over the network") struct ContractTests {
    @Test func `a run is started, waits, is resumed and ends, and its log can be ingested`() async throws {
        try await StandInServer.running { server in
            let sim = server.connector
            let start = try await sim.execute("refund", input: ["amount": 3], as: "run-1")
            #expect(start.isNew)
            let waiting = try await sim.run("run-1", of: "refund")
            #expect(waiting.status == .pending && waiting.state == .waiting && !waiting.isOver)
            let context = try #require(waiting.pause?.context)
            #expect(waiting.pause?.kind == .human && waiting.pause?.blockedOn == "ask")
            #expect(try await sim.standing(of: context, in: "run-1", of: "refund") == .open)
            let resumption = try await sim.resume("run-1", of: "refund", at: context, with: ["ok": true])
            #expect(resumption.isQueued && resumption.attempt == "run-1-r1")
            let over = try await sim.run("run-1", of: "refund")
            #expect(over.state == .completed && over.isOver && over.endedAt != nil && over.pause == nil)
            #expect(try await sim.isOver("run-1", of: "refund"))
            let reports = try ExecutionReports.read(try await sim.log(of: "run-1"))
            #expect(reports.last?.fact == .completed && reports.count > 3)
        }
    }

    @Test func `the same id starts one run`() async throws {
        try await StandInServer.running { server in
            let first = try await server.connector.execute("refund", as: "r")
            let second = try await server.connector.execute("refund", as: "r")
            #expect(first.isNew && !second.isNew && second.state?.state == .waiting)
            let error = await refusal { () async throws(SimError) in
                _ = try await server.connector.execute("plain", as: "r")
            }
            #expect(error == .conflict(what: "RUN_ID_CONFLICT"))
            #expect(try await server.connector.runs(of: "refund").runs.map(\.run) == ["r"])
        }
    }

    @Test func `failed by the clock of the caller is not failed`() async throws {
        try await StandInServer.running(
            StandIn.Settings(blockDelay: .seconds(60)), patience: .milliseconds(50)
        ) { server in
            let start = try await server.connector.execute("plain", as: "r", waiting: true)
            #expect(start.isNew && start.state?.status == .running && start.state?.isOver == false)
            let raw = try await server.exchange.send(
                HTTPRequest(.post, ["api", "v2", "workflows", "plain", "execute"]), within: .seconds(20),
                atMost: 1 << 20)
            #expect(raw.status == 200)
            #expect(try JSONValue(raw.body)["data"]?["status"] == "failed")
        }
    }

    @Test func `a run that fails is failed`() async throws {
        try await StandInServer.running(
            StandIn.Settings(choices: Choices(script: ["a": ["fail"]]))
        ) { server in
            let start = try await server.connector.execute("plain", as: "r", waiting: true)
            #expect(start.state?.state == .failed && start.state?.error?.code == "BLOCK_EXECUTION_FAILED")
        }
    }

    @Test func `a pause is resumed once`() async throws {
        try await StandInServer.running { server in
            let context = try await server.waiting()
            try await server.connector.resume("r", of: "refund", at: context)
            let again = await refusal { () async throws(SimError) in
                try await server.connector.resume("r", of: "refund", at: context)
            }
            #expect(again == .notWaiting(.completed))
            let other = try await server.waiting("s")
            let unknown = await refusal { () async throws(SimError) in
                try await server.connector.resume("s", of: "refund", at: "nothing")
            }
            #expect(unknown == .alreadyResumed(context: "nothing"))
            #expect(try await server.connector.standing(of: other, in: "s", of: "refund") == .open)
        }
    }

    @Test func `of many who resume one pause, one does`() async throws {
        try await StandInServer.running { server in
            let context = try await server.waiting()
            let outcomes = await withTaskGroup(of: SimError?.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        await refusal { () async throws(SimError) in
                            try await server.connector.resume(
                                "r", of: "refund", at: context, with: ["by": .number(JSONNumber(number))])
                        }
                    }
                }
                return await group.reduce(into: [SimError?]()) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == nil } == 1)
            for case .some(let error) in outcomes {
                #expect(error == .notWaiting(.completed) || error == .alreadyResumed(context: context))
            }
        }
    }

    @Test func `an attempt to resume that failed shows as paused, and may be made again`() async throws {
        try await StandInServer.running { server in
            let context = try await server.waiting()
            try await server.control(.post, "fail_resumes", ["times": 1])
            let error = await refusal { () async throws(SimError) in
                try await server.connector.resume("r", of: "refund", at: context)
            }
            guard case .unknownOutcome = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let stuck = try await server.connector.run("r", of: "refund")
            #expect(stuck.status == .paused && stuck.state == .paused && stuck.pause?.stuckBecause != nil)
            #expect(stuck.standing(of: context) == .open)
            try await server.connector.resume("r", of: "refund", at: context)
            #expect(try await server.connector.isOver("r", of: "refund"))
        }
    }

    @Test func `cancelling ends a run that waits, and says when there was nothing to end`() async throws {
        try await StandInServer.running { server in
            let context = try await server.waiting()
            #expect(try await server.connector.cancel("r", of: "refund") == .recorded)
            #expect(try await server.connector.cancel("r", of: "refund") == .alreadyOver(.cancelled))
            let error = await refusal { () async throws(SimError) in
                try await server.connector.resume("r", of: "refund", at: context)
            }
            #expect(error == .notWaiting(.cancelled))
        }
    }

    @Test func `what is not there is not there`() async throws {
        try await StandInServer.running { server in
            let sim = server.connector
            #expect(
                await refusal { () async throws(SimError) in _ = try await sim.run("x", of: "refund") }
                    == .notFound(.run("x")))
            #expect(
                await refusal { () async throws(SimError) in _ = try await sim.log(of: "x") } == .notFound(.run("x")))
            #expect(
                await refusal { () async throws(SimError) in _ = try await sim.cancel("x", of: "refund") }
                    == .notFound(.run("x")))
            #expect(
                await refusal { () async throws(SimError) in _ = try await sim.execute("x", as: "r") }
                    == .notFound(.workflow("x")))
            #expect(
                await refusal { () async throws(SimError) in _ = try await sim.runs(of: "x") }
                    == .notFound(.workflow("x")))
        }
    }

    @Test func `a key that Sim does not know is said to be none`() async throws {
        try await StandInServer.running(key: "another") { server in
            let error = await refusal { () async throws(SimError) in
                _ = try await server.connector.run("r", of: "refund")
            }
            #expect(error == .unauthorized)
        }
    }

    @Test func `pages lead through all runs, each once`() async throws {
        try await StandInServer.running { server in
            for number in 1...7 { _ = try await server.connector.execute("plain", as: "r\(number)") }
            var (seen, cursor): ([String], String?) = ([], nil)
            repeat {
                let page = try await server.connector.runs(of: "plain", after: cursor, limit: 3)
                seen += page.runs.map(\.run)
                cursor = page.next
            } while cursor != nil && seen.count < 100
            #expect(seen == (1...7).reversed().map { "r\($0)" })
            #expect(try await server.connector.runs(of: "plain", status: .failed).runs.isEmpty)
        }
    }
}
