import EventModel
import EventSourcingTesting

/// A run of a workflow by an engine of ours, as the reports that the engine sends, in order.
struct ModelRun {
    /// The execution's id.
    let execution: String
    private(set) var reports: [String] = []
    private var seconds = 0

    init(_ execution: String, _ random: inout SeededGenerator) {
        self.execution = execution
        report("queued")
        report("started", #""data":{"trigger":"manual","input":{"order":"\#(execution)"}}"#)
        for block in 0..<(2 + random.below(3)) { visit("b\(block)", &random) }
        if random.chance(perMille: 400) { wait() }
        switch random.below(4) {
        case 0: report("failed", #""data":{"error":"out of stock","code":"stock"}"#)
        case 1: report("cancelled")
        default: report("completed", #""data":{"output":{"paid":true}}"#)
        }
    }

    private mutating func report(_ type: String, _ more: String...) {
        seconds += 1
        let members =
            [
                #""execution":"\#(execution)""#, #""workflow":"refund""#, #""type":"\#(type)""#,
                #""id":"\#(execution)-\#(seconds)""#, #""sequence":\#(seconds)"#,
                #""at":"\#(SimulatedClock.beginning.advanced(by: .seconds(seconds)))""#,
            ] + more
        reports.append("{\(members.joined(separator: ","))}")
    }

    private mutating func visit(_ block: String, _ random: inout SeededGenerator) {
        guard !random.chance(perMille: 150) else { return report("block_skipped", #""block":"\#(block)""#) }
        let rounds = random.chance(perMille: 300) ? 2 : 1
        for round in 0..<rounds {
            var place = #""block":{"id":"\#(block)","name":"Block \#(block)","type":"api"}"#
            if rounds > 1 { place += #","iteration":[{"kind":"loop","container":"each","index":\#(round)}]"# }
            report("block_started", place)
            if random.chance(perMille: 200) {
                report("block_failed", place, #""data":{"handled":true,"error":"no address"}"#)
            } else {
                report("block_completed", place, #""data":{"output":{"round":\#(round)}}"#)
            }
        }
    }

    private mutating func wait() {
        report("waiting", #""data":{"kind":"human","context":"approval"}"#)
        report("resumed", #""data":{"context":"approval"}"#)
    }
}
