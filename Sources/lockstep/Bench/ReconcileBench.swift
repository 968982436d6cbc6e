import ArgumentParser
import EventModel
import FoundationEssentials
import Reconciliation
import WorkflowDomain

/// `bench reconcile`: the two sides of executions of a workflow of twenty blocks compared and settled by a policy, in memory on one core, beside one
/// pass over the bytes of what is compared; and whole looks at them, with all that is recorded about what differs.
struct ReconcileBench: Sendable {
    let report: BenchReport
    let runs: Int
    let scale: Double

    private static let policy = Policy(
        name: "bench", version: 1,
        rules: [PolicyRule(.everything, .latest)])

    func run() throws {
        let rounds = max(100, Int(200_000 * scale))
        for (name, changes) in [("untouched", 0), ("changed=3,conflicts=1", 4)] {
            let sides = try Self.sides(changes: changes)
            let (bytes, copy) = (Self.bytes(of: sides), Self.bytes(of: try Self.sides(changes: changes)))
            var (ours, theirs): ([Double], [Double]) = ([], [])
            for _ in 0..<runs {
                var count = 0
                let duration = seconds {
                    for _ in 0..<rounds { count += Plan(sides, under: Self.policy).settlements.count }
                }
                guard count == rounds * changes else {
                    throw BenchFault.incomplete("\(count) findings instead of \(rounds * changes)")
                }
                ours.append(Double(rounds) / duration)
                var isSame = true
                let pass = seconds { for _ in 0..<rounds { isSame = isSame && bytes == copy } }
                guard isSame else { throw BenchFault.incomplete("two copies of the same sides differ") }
                theirs.append(Double(rounds) / pass)
            }
            add("compare-and-resolve,blocks=20,\(name)", ours, theirs)
            add("look,blocks=20,\(name)", try looks(at: sides, changes: changes, rounds / 4), theirs)
        }
    }

    /// What a serving reconciler does with an execution between reading it and writing down what follows, by the default policy.
    private func looks(at sides: Comparison.Sides, changes: Int, _ rounds: Int) throws -> [Double] {
        let parties = Parties(
            workflow: "execution:bench", journey: "customer:bench",
            compared: Receipt.Compared(workflow: nil, journey: nil))
        var ledger = Ledger()
        let agreed = sides.base.fields.map { AgreedField($0.path, $0.value) }
        ledger.receive(.agreed(FieldsAgreed(fields: agreed, parties: parties)))
        let look = Examination(
            sides: sides,
            circumstances: Circumstances(status: .running, hasSession: true, places: ["bench": Self.state(of: 10)]),
            names: Self.names, policy: try DefaultPolicy.read(), telling: .engines, parties: parties,
            at: Timestamp(microseconds: 1_800_000_000_000_000), seed: UUID())
        var values: [Double] = []
        for _ in 0..<runs {
            var (findings, events) = (0, 0)
            let duration = seconds {
                for _ in 0..<rounds {
                    let examined = ledger.examine(look)
                    findings += examined.findings.count
                    events += examined.events.count
                }
            }
            guard findings == rounds * changes, (events > 0) == (changes > 0) else {
                throw BenchFault.incomplete("\(findings) findings instead of \(rounds * changes)")
            }
            values.append(Double(rounds) / duration)
        }
        return values
    }

    private static func state(of place: Int) -> ElementID { ElementID("bench.block-\(place)") }

    private static let names = MappedNames(
        workflowID: "bench", journeyID: "bench",
        states: Dictionary(uniqueKeysWithValues: (0..<20).map { (ElementID("block-\($0)"), [state(of: $0)]) }),
        keys: ["customer": "customer", "total": "total", "currency": "currency", "address": "address", "note": "note"])

    /// Everything that is compared, as bytes.
    private static func bytes(of sides: Comparison.Sides) -> [UInt8] {
        let said =
            sides.base.fields.map { ($0.path, $0.value) }
            + [sides.workflow, sides.journey].flatMap { claims in
                claims.all.map { ($0.path, $0.value) }
            }
        return said.flatMap { path, value in Array("\(path)".utf8) + value.json.canonicalBytes() }
    }

    private func seconds(_ body: () -> Void) -> Double { ContinuousClock().measure(body) / .seconds(1) }

    private func add(_ name: String, _ ours: [Double], _ theirs: [Double]) {
        let limit = "limit:one-pass"
        for (system, values) in [("lockstep", ours), (limit, theirs)] {
            report.add(
                Figure(
                    bench: "reconcile", case: name, system: system, metric: "executions_per_s", unit: "executions/s",
                    values: values))
        }
        report.add(Ratio(bench: "reconcile", case: name, of: limit, values: zip(ours, theirs).map { $0 / $1 }))
    }

    /// Twenty blocks, half of them done, with their answers and five variables; both sides where they agreed but for the changes, of which the last
    /// one is made differently by both.
    private static func sides(changes: Int) throws -> Comparison.Sides {
        var position: Int64 = 0
        func claim(_ path: FieldPath, _ value: FieldValue) -> Claim {
            position += 1
            return Claim(path, value, Origin(GlobalPosition(position)))
        }
        let blocks = (0..<20).map { ElementID("block-\($0)") }
        var claims = [claim(.status, .status(.running))]
        for (place, block) in blocks.enumerated() where place <= 10 {
            claims.append(claim(.step(block), .step(place < 10 ? .completed : .started)))
            guard place < 10 else { continue }
            let answer = try JSONValue(text: #"{"order":{"id":"o-\#(place)","total":12.5},"ok":true}"#)
            claims.append(claim(FieldPath(.outputs, [block]), FieldValue(answer)))
        }
        for name in ["customer", "total", "currency", "address", "note"] {
            let value = try JSONValue(text: #"{"value":"\#(name)","since":"2026-01-01","by":{"team":"\#(name)s"}}"#)
            claims.append(claim(FieldPath(.variables, [ElementID(name)]), FieldValue(value)))
        }
        let base = Agreement(claims.map { Agreement.Field($0.path, $0.value) })
        let words = Vocabulary.conversation
        var journey = Claims(
            claims.compactMap { said in
                guard words.tells(said.path.root) else { return nil }
                return words.word(for: said.value).map { claim(said.path, $0) }
            })
        var workflow = Claims(claims)
        guard changes > 0 else { return Comparison.Sides(base: base, workflow: workflow, journey: journey) }
        for place in 1..<changes { workflow.set(claim(.step(blocks[10 + place]), .step(.started))) }
        let address = FieldPath(.variables, [ElementID("address"), ElementID("value")])
        for (side, value) in [(Side.workflow, "here"), (.journey, "there")] {
            var agreed = base
            agreed.settle(address, as: FieldValue(.string(value)))
            guard let data = agreed[address.field] else { continue }
            let said = claim(address.field, data)
            if side == .workflow { workflow.set(said) } else { journey.set(said) }
        }
        return Comparison.Sides(base: base, workflow: workflow, journey: journey)
    }
}

extension BenchCommand {
    struct Reconcile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reconcile: compare and settle, check and go through many executions, decide about events.",
            discussion: """
                Both sides of executions compared and settled by a policy, in memory on one core; the light check and the dry run over a million \
                executions of which a thousand are apart; and the time from an answer to the decision about it. With --in-memory only the first, \
                for which no database is needed.

                Examples:
                  lockstep bench reconcile --runs 3
                  lockstep bench reconcile --in-memory --runs 3 --scale 0.1 --json
                """)
        @OptionGroup var options: Options
        @Flag(name: .long, help: "Only what needs no database.")
        var inMemory = false
        @Option(name: .long, help: "Answers a second, for the time to a decision.")
        var rate = 1_000

        func validate() throws {
            guard (1...100_000).contains(rate) else { throw ValidationError("--rate must be 1 to 100000.") }
        }

        func run() async throws {
            let (report, runs, scale) = (options.report, options.runs, options.scale)
            try ReconcileBench(report: report, runs: runs, scale: scale).run()
            guard !inMemory else { return }
            let server = try await options.server().configuration
            try await StandingBench(server: server, report: report, runs: runs, scale: scale).run()
            try await ResolutionBench(server: server, report: report, runs: runs, scale: scale, rate: rate).run()
        }
    }
}
