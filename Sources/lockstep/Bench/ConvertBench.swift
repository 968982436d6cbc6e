import Conversion
import EventModel
import FoundationEssentials
import Ingest
import JourneyDomain
import WorkflowDomain

/// `bench convert`: workflows of rising size there and back, and real files, which must come back as they were. A run's figure is the
/// median of its conversions, a hundred of the smallest size.
///
/// Two limits stand beside each figure: one pass over the same elements, and the time per element of the smallest size, which it would
/// stay at if memory were the same at every size.
struct ConvertBench: Sendable {
    let report: BenchReport
    let runs: Int
    let scale: Double
    /// A directory of workflow files, if there is one.
    let samples: String?

    func run() async throws {
        var smallest: [String: [Double]] = [:]
        for blocks in [500, 5_000, 50_000] {
            try await measure(max(50, Int(Double(blocks) * scale)), smallest: &smallest)
        }
        if let samples { try measureFiles(samples) }
    }

    /// The limit is one pass over the same elements: the workflow's canonical bytes, which a conversion needs at least once for a digest.
    private func measure(_ blocks: Int, smallest: inout [String: [Double]]) async throws {
        let workflow = BenchWorkflow.make(blocks: blocks)
        let elements = Double(workflow.blocks.count + workflow.edges.count)
        let rounds = max(3, 50_000 / blocks)
        var there: [Double] = []
        var back: [Double] = []
        var limit: [Double] = []
        for _ in 0..<runs {
            limit.append(await median(rounds) { _ = workflow.canonicalBytes().count })
            let made = try WorkflowToJourney.convert(workflow, id: "bench")
            let id = made.mapping.journeyID
            // A conversion has a mapping, which is made when it is asked for.
            there.append(
                try await median(rounds) { _ = try WorkflowToJourney.convert(workflow, id: "bench").mapping })
            back.append(
                try await median(rounds) { _ = try JourneyToWorkflow.convert(made.journey, id: id).mapping })
            guard try JourneyToWorkflow.convert(made.journey, id: id).workflow == workflow else {
                throw BenchFault.incomplete("the workflow of \(blocks) blocks did not come back as it was")
            }
        }
        for (direction, times) in [("workflow-to-journey", there), ("journey-to-workflow", back)] {
            let name = "\(direction),blocks=\(blocks)"
            add(name, times, elements, limit, "limit:canonical-bytes")
            let perElement = times.map { $0 * 1_000 / elements }
            if let linear = smallest[direction] {
                report.add(
                    Ratio(
                        bench: "convert", case: name, of: "limit:linear",
                        values: zip(perElement, linear).map { $0 / $1 }))
            } else {
                smallest[direction] = perElement
            }
        }
    }

    private func add(_ name: String, _ ours: [Double], _ elements: Double, _ theirs: [Double], _ limit: String) {
        func figure(_ system: String, _ metric: String, _ unit: String, _ values: [Double]) -> Figure {
            Figure(bench: "convert", case: name, system: system, metric: metric, unit: unit, values: values)
        }
        report.add(figure("lockstep", "latency_ms", "ms", ours))
        report.add(figure("lockstep", "time_per_element_us", "us", ours.map { $0 * 1_000 / elements }))
        report.add(figure(limit, "latency_ms", "ms", theirs))
        report.add(Ratio(bench: "convert", case: name, of: limit, values: zip(ours, theirs).map { $0 / $1 }))
    }

    private func measureFiles(_ directory: String) throws {
        var valid = 0
        var returned = 0
        for path in WorkflowFiles.expand([directory]) {
            guard let bytes = try? WorkflowFiles.read(path), let reading = try? WorkflowFile.read(bytes, name: path)
            else {
                continue
            }
            valid += 1
            let made = try WorkflowToJourney.convert(reading.definition, id: reading.id.text)
            let back = try JourneyToWorkflow.convert(made.journey, id: made.mapping.journeyID)
            if back.workflow == reading.definition { returned += 1 }
        }
        guard valid > 0 else { throw BenchFault.incomplete("there are no workflow files in \(directory)") }
        report.add(
            Figure(
                bench: "convert", case: "files,valid=\(valid)", system: "lockstep", metric: "identical_percent",
                unit: "percent", values: [100 * Double(returned) / Double(valid)]))
    }

    /// The median of single rounds in milliseconds.
    private func median(_ rounds: Int, _ body: () throws -> Void) async rethrows -> Double {
        var times: [Double] = []
        for _ in 0..<rounds { times.append(1_000 * (try await seconds { try body() })) }
        return times.sorted()[rounds / 2]
    }
}

/// A workflow of a given size with some of everything: decisions that part and meet, loops, failures that are handled.
enum BenchWorkflow {
    /// Blocks of one section: a prompt, a decision with two branches, a join, a loop of two, a call whose failure is handled.
    private static let section = 10

    static func make(blocks: Int) -> WorkflowDefinition {
        var made = Making()
        made.block("start", "start_trigger")
        var last = "start"
        for index in 0..<max(1, (blocks - 1) / section) { last = made.section(index, after: last) }
        return WorkflowDefinition(
            blocks: made.blocks, edges: made.edges,
            loops: made.loops, variables: [Variable(id: "v", name: "limit", type: "number", value: 50)],
            metadata: ["name": "Bench"])
    }

    private struct Making {
        var blocks: [Block] = []
        var edges: [Edge] = []
        var loops: [Container] = []

        mutating func block(_ id: String, _ type: String, parent: String? = nil, inputs: [(String, String)] = []) {
            blocks.append(
                Block(
                    id: ElementID(id), type: type, name: "Block \(id)",
                    position: Position(x: JSONNumber(blocks.count * 40), y: JSONNumber(0)),
                    subBlocks: inputs.map {
                        SubBlock(id: ElementID($0.0), type: "long-input", value: .string($0.1))
                    },
                    data: parent.map { ["parentId": .string($0), "extent": "parent"] } ?? JSONObject()))
        }

        mutating func edge(_ source: String, _ target: String, _ handle: String = "source") {
            edges.append(
                Edge(
                    id: ElementID("\(source)-\(handle)-\(target)"), source: ElementID(source),
                    target: ElementID(target),
                    sourceHandle: handle, targetHandle: "target"))
        }

        mutating func section(_ index: Int, after last: String) -> String {
            func id(_ name: String) -> String { "s\(index)\(name)" }
            block(id("ask"), "agent", inputs: [("prompt", "Ask the customer for document number \(index)")])
            block(
                id("if"), "condition",
                inputs: [
                    (
                        "conditions",
                        "[{\"id\":\"\(id("if"))-if\",\"title\":\"if\",\"value\":\"<start.amount> > \(index)\"},{\"id\":\"\(id("if"))-else\",\"title\":\"else\",\"value\":\"\"}]"
                    )
                ])
            block(id("yes"), "function", inputs: [("code", "return \(index)")])
            block(id("no"), "api", inputs: [("url", "https://api.example.com/\(index)")])
            block(id("join"), "agent", inputs: [("prompt", "Say what was decided")])
            block(id("loop"), "loop")
            block(id("first"), "function", parent: id("loop"), inputs: [("code", "return <loop.index>")])
            block(id("second"), "slack", parent: id("loop"), inputs: [("text", "Round done")])
            block(id("call"), "http_request", inputs: [("url", "https://api.example.com/call")])
            block(id("mend"), "gmail", inputs: [("to", "ops@example.com")])
            loops.append(
                Container(
                    id: ElementID(id("loop")), nodes: [ElementID(id("first")), ElementID(id("second"))],
                    settings: ["iterations": 3, "loopType": "for"]))
            edge(last, id("ask"))
            edge(id("ask"), id("if"))
            edge(id("if"), id("yes"), "condition-\(id("if"))-if")
            edge(id("if"), id("no"), "condition-\(id("if"))-else")
            edge(id("yes"), id("join"))
            edge(id("no"), id("join"))
            edge(id("join"), id("loop"))
            edge(id("loop"), id("first"), "loop-start-source")
            edge(id("first"), id("second"))
            edge(id("loop"), id("call"), "loop-end-source")
            edge(id("call"), id("mend"), "error")
            return id("call")
        }
    }
}
