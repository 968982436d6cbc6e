import EventModel
import EventSourcingTesting
import Testing
import WorkflowDomain

@testable import SimStandIn

@Suite("Running in the stand-in") struct RunningTests {
    static let approval = graph(["a:start_trigger", "b:human_in_the_loop", "c:api"], ["a>b", "b>c"])

    @Test func `a run goes along its edges, waits for a person and goes on with what he says`() {
        var scene = Scene([Self.approval])
        #expect(scene.start() == .accepted(run: "r", isQueued: true))
        #expect(
            scene.story == [
                "execution:started", "block:started a", "block:completed a", "block:started b", "block:completed b",
                "execution:paused",
            ])
        let run = scene.core.runs["r"]
        #expect(run?.status == .pending && run?.resource["paused"]?["contextId"] == "ctx-r-1")
        #expect(run?.resource["paused"]?["blockedOnBlockId"] == "b" && run?.resource["paused"]?["pauseKind"] == "human")
        let before = scene.events.count
        let answer = scene.tell(
            .resume(workflow: "w", run: "r", context: "ctx-r-1", input: ["ok": true]), after: .seconds(5))
        #expect(answer == .resumed(run: "r", attempt: "r-r1", isQueued: true))
        #expect(
            scene.story.dropFirst(before) == [
                "pause resumed", "block:started c", "block:completed c", "execution:completed",
            ])
        #expect(scene.core.runs["r"]?.status == .completed && scene.core.due == nil)
    }

    @Test func `a pause is resumed once, by its own name, and only while the run is there`() {
        var scene = Scene([Self.approval])
        scene.start()
        func resume(_ context: String?, _ run: String = "r", _ workflow: String = "w") -> StandIn.Input {
            .resume(workflow: workflow, run: run, context: context, input: nil)
        }
        #expect(scene.tell(resume("other")) == .badRequest("Unknown pause context"))
        #expect(scene.tell(resume(nil)) == .badRequest("contextId is required"))
        #expect(scene.tell(resume("ctx-r-1", "x")) == .notFound("Run not found"))
        #expect(scene.tell(resume("ctx-r-1", "r", "x")) == .notFound("Run not found"))
        #expect(scene.core.runs["r"]?.status == .pending)
        scene.tell(resume("ctx-r-1"))
        #expect(scene.tell(resume("ctx-r-1")) == .conflict("RUN_NOT_PAUSED", "Run is completed"))
        var twice = Scene([graph(["b:human_in_the_loop", "c:human_in_the_loop"], ["b>c"])])
        twice.start()
        twice.tell(resume("ctx-r-1"))
        #expect(twice.tell(resume("ctx-r-1")) == .conflict("ALREADY_RESUMED", "Pause has been resumed"))
        #expect(twice.core.runs["r"]?.openPause?.context == "ctx-r-2")
    }

    @Test func `an attempt to resume that fails leaves the run paused, and open`() {
        var scene = Scene([Self.approval])
        scene.start()
        scene.tell(.failResumes(1))
        let resume = StandIn.Input.resume(workflow: "w", run: "r", context: "ctx-r-1", input: nil)
        #expect(scene.tell(resume) == .failed("Resume failed"))
        #expect(scene.core.runs["r"]?.status == .paused)
        #expect(scene.core.runs["r"]?.resource["paused"]?["automaticResumeWaitingReason"]?.string != nil)
        guard case .resumed = scene.tell(resume) else {
            Issue.record("not resumed")
            return
        }
        #expect(scene.core.runs["r"]?.status == .completed)
    }

    @Test func `an id that is taken starts nothing`() {
        var scene = Scene([Self.approval])
        scene.start()
        let before = scene.events.count
        #expect(scene.start() == .runTaken && scene.events.count == before && scene.core.order == ["r"])
        #expect(scene.start("other", as: "s") == .notFound("Workflow not found"))
    }

    @Test func `a wait goes on by itself when its time has come`() {
        var scene = Scene([graph(["a:wait", "b:api"], ["a>b"])], StandIn.Settings(longestWait: .seconds(5)))
        scene.start()
        #expect(scene.core.runs["r"]?.resource["paused"]?["pauseKind"] == "time")
        #expect(scene.core.due == scene.now.advanced(by: .seconds(5)))
        scene.tell(.advance, after: .milliseconds(4_999))
        #expect(scene.core.runs["r"]?.status == .pending)
        scene.tell(.advance, after: .milliseconds(1))
        #expect(scene.core.runs["r"]?.status == .completed && scene.story.contains("pause resumed"))
    }

    @Test func `blocks take their time`() {
        var scene = Scene([graph(["a:api", "b:api"], ["a>b"])], StandIn.Settings(blockDelay: .seconds(2)))
        scene.start()
        #expect(scene.story == ["execution:started", "block:started a"])
        scene.tell(.advance, after: .seconds(3))
        #expect(scene.story.last == "block:started b" && scene.core.runs["r"]?.status == .running)
        scene.tell(.advance, after: .seconds(1))
        #expect(scene.story.last == "execution:completed")
        #expect(scene.events.last?["timestamp"]?.string == scene.now.milliseconds3)
    }

    @Test func `cancelling ends whatever it does, once`() {
        for settings in [StandIn.Settings(), StandIn.Settings(blockDelay: .seconds(2))] {
            var scene = Scene([Self.approval], settings)
            scene.start()
            let wasPaused = settings.blockDelay == .zero
            let cancel = StandIn.Input.cancel(workflow: "w", run: "r")
            #expect(scene.tell(cancel) == .cancelled(run: "r", over: nil, wasPaused: wasPaused))
            #expect(scene.story.last == "execution:cancelled" && scene.core.due == nil)
            let before = scene.events.count
            #expect(scene.tell(cancel) == .cancelled(run: "r", over: .cancelled, wasPaused: false))
            scene.tell(.advance, after: .seconds(99))
            #expect(scene.events.count == before)
        }
    }

    static let fork = graph(
        ["a:condition", "b:api", "c:api", "d:api"],
        ["a>b:condition-a-if", "a>c:condition-a-else", "b>d", "c>d"])

    @Test(arguments: [("if", "b"), ("a-else", "c"), ("c", "c")])
    func `a condition goes the way that the script says, and what comes together runs once`(
        _ word: String, _ way: String
    ) {
        var scene = Scene([Self.fork], StandIn.Settings(choices: Choices(script: ["a": [word]])))
        scene.start()
        #expect(scene.completed == ["a", way, "d"])
    }

    @Test func `what is passed over takes with it what only it leads to`() {
        let chain = graph(
            ["a:condition", "b:api", "c:api", "e:api", "f:api", "d:api"],
            ["a>b:condition-if", "a>c:condition-else", "c>e", "e>f", "e>d", "b>d"])
        var scene = Scene([chain], StandIn.Settings(choices: Choices(script: ["a": ["if"]])))
        scene.start()
        #expect(scene.completed == ["a", "b", "d"] && scene.core.runs["r"]?.status == .completed)
    }

    @Test func `without a script the seed decides, the same way every time`() {
        var ways: Set<String> = []
        for seed in 1...40 as ClosedRange<UInt64> {
            var (first, second) = (
                Scene([Self.fork], StandIn.Settings(choices: Choices(seed: seed))),
                Scene([Self.fork], StandIn.Settings(choices: Choices(seed: seed)))
            )
            first.start()
            second.start()
            #expect(first.events == second.events)
            ways.insert(first.completed[1])
        }
        #expect(ways == ["b", "c"])
    }

    @Test func `a script goes on visit by visit, and can change on the way`() {
        var scene = Scene(
            [
                graph(
                    ["l:loop", "a:condition:l", "b:api:l", "c:api:l"],
                    ["l>a:loop-start-source", "a>b:condition-x", "a>c:condition-y"], data: ["l": ["iterations": 4]])
            ],
            StandIn.Settings(choices: Choices(script: ["A": ["x", "y"]])))
        scene.start()
        #expect(scene.completed == ["a", "b", "a", "c", "a", "c", "a", "c"])
        scene.tell(.decide(["A": ["x"]]))
        scene.start(as: "s")
        #expect(scene.completed.suffix(2) == ["a", "b"])
    }

    @Test func `a failure that somebody deals with goes on, another ends the run`() {
        let handled = graph(["a:api", "b:api", "c:api"], ["a>b:source", "a>c:error"])
        var scene = Scene([handled], StandIn.Settings(choices: Choices(script: ["a": ["fail"]])))
        scene.start()
        #expect(scene.story.contains("block:error a") && scene.completed == ["c"])
        #expect(scene.core.runs["r"]?.status == .completed)
        var other = Scene(
            [graph(["a:api", "b:api"], ["a>b"])], StandIn.Settings(choices: Choices(script: ["a": ["fail"]])))
        other.start()
        #expect(
            other.story.suffix(2) == ["block:error a", "execution:error"] && other.core.runs["r"]?.status == .failed)
        #expect(other.core.runs["r"]?.resource["error"]?["code"] == "BLOCK_EXECUTION_FAILED")
    }

    @Test func `a fail rate of one fails all, of none fails none`() {
        for (rate, status) in [(1.0, SimRunStatus.failed), (0, .completed)] {
            var scene = Scene([graph(["a:api"], [])], StandIn.Settings(choices: Choices(failRate: rate)))
            scene.start()
            #expect(scene.core.runs["r"]?.status == status)
        }
    }

    @Test func `loops in loops say where they are`() throws {
        let nested = graph(
            ["s:start_trigger", "o:loop", "i:parallel:o", "x:api:i", "e:api"],
            ["s>o", "o>i:loop-start-source", "i>x:parallel-start-source", "o>e:loop-end-source"],
            data: ["o": ["iterations": 2], "i": ["count": 3]])
        var scene = Scene([nested])
        scene.start()
        #expect(scene.completed == ["s"] + Array(repeating: "x", count: 6) + ["e"])
        let inside = scene.events.filter { $0["data"]?["blockId"] == "x" && $0["type"] == "block:completed" }
        let places = inside.map { event in
            "\(event["data"]?["parentIterations"]?[0]?["iterationCurrent"]?.int ?? -1).\(event["data"]?["iterationCurrent"]?.int ?? -1)"
        }
        #expect(places == ["0.0", "0.1", "0.2", "1.0", "1.1", "1.2"])
        #expect(inside[0]["data"]?["iterationType"] == "parallel")
        #expect(inside[0]["data"]?["parentIterations"]?[0]?["iterationType"] == "loop")
    }

    @Test func `a pause in a loop holds the loop`() {
        let inside = graph(
            ["o:loop", "x:human_in_the_loop:o", "e:api"], ["o>x:loop-start-source", "o>e:loop-end-source"],
            data: ["o": ["iterations": 2]])
        var scene = Scene([inside])
        scene.start()
        for turn in 1...2 {
            #expect(scene.core.runs["r"]?.openPause?.context == "ctx-r-\(turn)")
            scene.tell(.resume(workflow: "w", run: "r", context: "ctx-r-\(turn)", input: nil))
        }
        #expect(scene.core.runs["r"]?.status == .completed && scene.completed == ["x", "x", "e"])
    }

    @Test func `other branches go on while one waits, and two pauses are resumed in any order`() {
        let branches = graph(
            ["a:start_trigger", "b:human_in_the_loop", "c:human_in_the_loop", "d:api", "e:api"],
            ["a>b", "a>c", "a>d", "b>e", "c>e"])
        var scene = Scene([branches])
        scene.start()
        #expect(scene.completed.contains("d") && scene.core.runs["r"]?.resource["paused"]?["pausePointCount"] == 2)
        scene.tell(.resume(workflow: "w", run: "r", context: "ctx-r-2", input: nil))
        #expect(scene.core.runs["r"]?.status == .pending && scene.core.runs["r"]?.openPause?.context == "ctx-r-1")
        scene.tell(.resume(workflow: "w", run: "r", context: "ctx-r-1", input: nil))
        #expect(scene.core.runs["r"]?.status == .completed && scene.completed.last == "e")
    }

    @Test func `resuming one branch does not hurry another`() {
        let branches = graph(
            ["a:start_trigger", "b:human_in_the_loop", "c:api", "e:api"], ["a>b", "a>c", "b>e"])
        var scene = Scene([branches], StandIn.Settings(blockDelay: .seconds(2)))
        scene.start()
        scene.tell(.advance, after: .seconds(4))
        #expect(scene.story.last == "block:started c")
        scene.tell(.resume(workflow: "w", run: "r", context: "ctx-r-1", input: nil), after: .seconds(1))
        #expect(scene.story.last == "pause resumed" && scene.completed == ["a", "b"])
        scene.tell(.advance, after: .seconds(1))
        #expect(scene.completed == ["a", "b", "c"])
        scene.tell(.advance, after: .seconds(2))
        #expect(scene.core.runs["r"]?.status == .completed && scene.completed.last == "e")
    }

    @Test func `a workflow with a circle, without blocks, or with edges into nothing ends`() {
        for workflow in [
            graph(["a:api", "b:api"], ["a>b", "b>a"]), graph(["a:api", "b:api"], ["a>b", "b>b"]), graph([], []),
            graph(["a:api"], ["a>x", "y>a"]), graph(["a:loop"], [], data: ["a": ["iterations": 0]]),
        ] {
            var scene = Scene([workflow])
            scene.start()
            scene.tell(.advance, after: .seconds(1))
            #expect(scene.core.runs["r"]?.status == .completed)
        }
    }
}
