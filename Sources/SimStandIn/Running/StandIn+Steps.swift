import EventModel
import WorkflowDomain

extension StandIn {
    /// What is due of one run happens.
    mutating func step(_ id: String) {
        guard var run = runs[id], let graph = workflows[run.workflow] else { return }
        defer { keep(run) }
        run.due = nil
        switch run.phase {
        case .ended: return
        case .queued: start(&run, graph)
        case .waiting:
            // A pause for a time is over.
            guard let place = run.pauses.firstIndex(where: { $0.isOpen && $0.resumeAt.map { $0 <= now } ?? false })
            else { return }
            goOn(&run, place, nil)
        case .running:
            if let work = run.work { finish(work, &run, graph) } else { next(&run, graph) }
        }
    }

    private mutating func start(_ run: inout StandInRun, _ graph: WorkflowGraph) {
        run.phase = .running
        run.startedAt = now
        run.levels = [run.level(nil, in: graph)]
        tell(&run, "execution:started", ["startTime": .string(now.milliseconds3)])
        run.due = now
    }

    /// Begins the next block, the next iteration, or ends.
    private mutating func next(_ run: inout StandInRun, _ graph: WorkflowGraph) {
        guard let top = run.levels.indices.last else { return complete(&run) }
        guard run.lastOrder < Self.stepLimit else {
            return fail(&run, "EXECUTION_FAILED", "more than \(Self.stepLimit) blocks")
        }
        run.due = now
        if !run.levels[top].ready.isEmpty {
            let id = run.levels[top].ready.removeFirst()
            guard let block = graph.blocks[id] else { return }
            if block.isContainer { enter(block, &run, graph) } else { begin(block, &run) }
            return
        }
        guard !run.pauses.contains(where: { $0.isOpen && $0.level == top }) else { return pause(&run) }
        let level = run.levels[top]
        guard let container = level.container else { return complete(&run) }
        run.levels.removeLast()
        if level.index + 1 < level.count {
            var following = run.level(container, in: graph)
            (following.index, following.count) = (level.index + 1, level.count)
            run.levels.append(following)
        } else {
            run.follow(container, at: run.levels.count - 1, outcome: .done(chosen: nil), in: graph)
        }
    }

    private mutating func enter(_ block: Block, _ run: inout StandInRun, _ graph: WorkflowGraph) {
        let count = graph.containers[block.id]?.turns ?? 1
        guard count > 0, graph.scopes[block.id] != nil else {
            run.follow(block.id, at: run.levels.count - 1, outcome: .done(chosen: nil), in: graph)
            return
        }
        var level = run.level(block.id, in: graph)
        level.count = count
        run.levels.append(level)
    }

    private mutating func begin(_ block: Block, _ run: inout StandInRun) {
        run.lastOrder += 1
        run.visits[block.id, default: 0] += 1
        run.work = StandInRun.Work(
            block: block.id, order: run.lastOrder, visit: run.visits[block.id] ?? 1, startedAt: now)
        tell(&run, "block:started", run.naming(block, run.lastOrder))
        run.due = now.advanced(by: settings.blockDelay)
    }

    private mutating func finish(_ work: StandInRun.Work, _ run: inout StandInRun, _ graph: WorkflowGraph) {
        run.work = nil
        run.due = now
        guard let block = graph.blocks[work.block] else { return }
        let top = run.levels.count - 1
        if settings.choices.fails(block, visit: work.visit, run: run.id) {
            let isHandled = graph.handlesFailure(of: block.id)
            let message = "\(block.name) failed"
            keep(work, block, &run, output: ["error": .string(message)], error: message, isHandled: isHandled)
            guard isHandled else { return fail(&run, "BLOCK_EXECUTION_FAILED", message) }
            return run.follow(block.id, at: top, outcome: .failed, in: graph)
        }
        if let pause = pause(at: block, &run, level: top) {
            keep(work, block, &run, output: ["_pauseMetadata": run.metadata(of: pause)], error: nil, isHandled: false)
            run.pauses.append(pause)
            return
        }
        let edges = graph.scopes[block.parentID]?.edges[block.id] ?? []
        let chosen = settings.choices.way(out: edges, of: block, visit: work.visit, run: run.id)
        let output = Self.output(of: block, chosen: chosen, input: run.input)
        keep(work, block, &run, output: output, error: nil, isHandled: false)
        run.output = output
        run.follow(block.id, at: top, outcome: .done(chosen: chosen), in: graph)
    }

    private func pause(at block: Block, _ run: inout StandInRun, level: Int) -> StandInRun.Pause? {
        let context = "ctx-\(run.id)-\(run.pauses.count + 1)"
        switch block.type {
        case "human_in_the_loop":
            return StandInRun.Pause(
                context: context, block: block.id, level: level, kind: .human, at: now, resumeAt: nil)
        case "wait":
            let resumeAt = now.advanced(by: min(block.wait, settings.longestWait))
            return StandInRun.Pause(
                context: context, block: block.id, level: level, kind: .time, at: now, resumeAt: resumeAt)
        default: return nil
        }
    }

    private static func output(of block: Block, chosen: String?, input: JSONObject) -> JSONValue {
        if block.isTrigger { return .object(input) }
        guard let chosen else { return ["result": .string("\(block.name) is done")] }
        return block.type == "condition"
            ? ["conditionResult": true, "selectedOption": .string(chosen)] : ["selectedRoute": .string(chosen)]
    }

    /// Notes that a block has ended, and tells it.
    private mutating func keep(
        _ work: StandInRun.Work, _ block: Block, _ run: inout StandInRun, output: JSONValue, error: String?,
        isHandled: Bool
    ) {
        let input: JSONValue = ["block": .string(block.name)]
        run.records.append(
            StandInRun.Record(
                block: block.id, order: work.order, startedAt: work.startedAt, endedAt: now, input: input,
                output: output,
                error: error, isHandled: isHandled, place: run.place))
        var data = run.naming(block, work.order)
        data["input"] = input
        if let error { data["error"] = .string(error) } else { data["output"] = output }
        data["durationMs"] = .number(JSONNumber(now.milliseconds - work.startedAt.milliseconds))
        data["startedAt"] = .string(work.startedAt.milliseconds3)
        data["endedAt"] = .string(now.milliseconds3)
        tell(&run, error == nil ? "block:completed" : "block:error", data)
    }

    private mutating func pause(_ run: inout StandInRun) {
        run.phase = .waiting
        run.due = run.pauses.filter(\.isOpen).compactMap(\.resumeAt).min()
        tell(&run, "execution:paused", run.span(until: now))
    }

    private mutating func complete(_ run: inout StandInRun) {
        var data = run.span(until: now)
        data["success"] = true
        data["output"] = run.output
        end(&run, .completed, "execution:completed", data)
    }

    private mutating func fail(_ run: inout StandInRun, _ code: String, _ message: String) {
        run.error = (code, message)
        end(&run, .failed, "execution:error", ["error": .string(message), "duration": run.milliseconds(until: now)])
    }

    mutating func end(_ run: inout StandInRun, _ status: SimRunStatus, _ type: String, _ data: JSONObject) {
        run.phase = .ended(status)
        run.endedAt = now
        run.due = nil
        run.work = nil
        run.levels = []
        tell(&run, type, data)
    }

    private mutating func tell(_ run: inout StandInRun, _ type: String, _ data: JSONObject) {
        run.lastEvent += 1
        told.append(run.event(type, number: run.lastEvent, at: now, data))
    }
}
