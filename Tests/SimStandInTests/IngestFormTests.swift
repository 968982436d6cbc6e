import EventModel
import EventSourcingTesting
import Testing
import WorkflowDomain

@testable import SimStandIn

@Suite("What the stand-in tells") struct IngestFormTests {
    static let files = (try? ProjectFiles.names(in: ProjectFiles.demonstrations)) ?? []

    /// Runs a workflow to its end, and resumes whatever it waits for.
    func told(_ graph: WorkflowGraph, seed: UInt64) -> Scene {
        var scene = Scene(
            [graph],
            StandIn.Settings(blockDelay: .milliseconds(Int(seed % 3) * 70), choices: Choices(seed: seed, failRate: 0.1))
        )
        scene.start(graph.id, as: "run-\(seed)")
        for turn in 0..<100 {
            guard let run = scene.core.runs["run-\(seed)"], !run.isOver else { break }
            if turn == 8 && seed % 5 == 0 { scene.tell(.cancel(workflow: graph.id, run: run.id)) }
            if seed % 4 == 0, turn % 2 == 0 { scene.tell(.failResumes(1)) }
            if let pause = run.openPause, pause.kind == .human, run.phase == .waiting {
                scene.tell(
                    .resume(workflow: graph.id, run: run.id, context: pause.context, input: ["by": "x"]),
                    after: .seconds(3))
                scene.tell(.failResumes(0))
            }
            scene.tell(.advance, after: .seconds(60 * 86_400))
        }
        return scene
    }

    @Test(arguments: files) func `is taken by ingest, every line, and leads to the state of the run`(_ file: String)
        throws
    {
        let graph = try SimStandIn.graph(ProjectFiles.demonstrations + "/" + file)
        for seed in 1...12 as ClosedRange<UInt64> {
            let scene = told(graph, seed: seed)
            let run = try #require(scene.core.runs["run-\(seed)"])
            #expect(run.isOver)
            var state = ExecutionState()
            for line in scene.events {
                let reports = try ExecutionReports.read(line.compactBytes())
                #expect(!reports.isEmpty)
                for outcome in ExecutionDecider.decide(reports, on: &state) { _ = try outcome.get() }
            }
            #expect(state.standing?.status == run.status.status, "seed \(seed)")
            #expect(state.visits.count == run.records.count)
        }
    }

    @Test(arguments: files) func `as a log and as a resource says the same as the events`(_ file: String) throws {
        let graph = try SimStandIn.graph(ProjectFiles.demonstrations + "/" + file)
        for seed in 1...6 as ClosedRange<UInt64> {
            let run = try #require(told(graph, seed: seed).core.runs["run-\(seed)"])
            for value in [run.log(graph), run.resource] {
                var state = ExecutionState()
                let reports = try ExecutionReports.read(JSONValue.object(["data": value]), observedAt: run.endedAt)
                for outcome in ExecutionDecider.decide(reports, on: &state) { _ = try outcome.get() }
                #expect(state.standing?.status == run.status.status)
                #expect(value["traceSpans"] == nil || state.visits.count == run.records.count)
            }
        }
    }

    @Test func `is nothing that another reading of the same inputs would not tell`() throws {
        for file in Self.files.prefix(4) {
            let graph = try SimStandIn.graph(ProjectFiles.demonstrations + "/" + file)
            #expect(told(graph, seed: 7).events == told(graph, seed: 7).events)
        }
    }
}
