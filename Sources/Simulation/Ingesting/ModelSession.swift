import EventModel
import EventSourcingTesting

/// A conversation as Parlant's events tell it, in order, each as a report of its own.
struct ModelSession {
    /// The session's id.
    let session: String
    private(set) var reports: [String] = []
    private var offset = 0

    /// - Parameter execution: the one that it walks for, noted in the session's metadata.
    init(_ session: String, for execution: String?, _ random: inout SeededGenerator) {
        self.session = session
        if let execution { describe(execution) }
        for turn in 0..<(2 + random.below(2)) {
            self.turn("\(session)-t\(turn)", ends: random.chance(perMille: 850), in: "s\(random.below(3))")
        }
    }

    private var page: String { #""session_id":"\#(session)","observed_at":"\#(moment(1_000))""# }

    private func moment(_ seconds: Int) -> Timestamp { SimulatedClock.beginning.advanced(by: .seconds(seconds)) }

    private mutating func describe(_ execution: String) {
        let description = [
            #""id":"\#(session)","agent_id":"agent","customer_id":"customer-1""#,
            #""creation_utc":"\#(moment(0))","mode":"auto""#,
            #""metadata":{"lockstep_execution_id":"\#(execution)"}"#,
        ]
        reports.append("{\(page),\"session\":{\(description.joined(separator: ","))}}")
    }

    private mutating func event(_ kind: String, _ source: String, _ trace: String, _ data: String) {
        let event = [
            #""id":"\#(session)-e\#(offset)","source":"\#(source)","kind":"\#(kind)","offset":\#(offset)"#,
            #""creation_utc":"\#(moment(offset))","trace_id":"\#(trace)","correlation_id":"\#(trace)""#,
            #""data":\#(data),"metadata":{},"deleted":false"#,
        ]
        reports.append("{\(page),\"events\":[{\(event.joined(separator: ","))}]}")
        offset += 1
    }

    private mutating func turn(_ trace: String, ends: Bool, in state: String) {
        let customer = #"{"id":"customer-1","display_name":"Ada"}"#
        event("message", "customer", trace, #"{"message":"hello \#(offset)","participant":\#(customer)}"#)
        event("status", "ai_agent", trace, #"{"status":"acknowledged","data":{}}"#)
        event("status", "ai_agent", trace, #"{"status":"processing","data":{"stage":"Interpreting"}}"#)
        guard ends else {
            return event("status", "ai_agent", trace, #"{"status":"error","data":{"exception":"KeyError: 'x'"}}"#)
        }
        let agent = #"{"id":"agent","display_name":"Agent"}"#
        event("message", "ai_agent", trace, #"{"message":"reply \#(offset)","participant":\#(agent)}"#)
        let matches =
            #"{"stage":"completed","matched_guidelines":[],"matched_journeys":[{"id":"refund"}],"#
            + #""matched_journey_states":[{"id":"\#(state)"}]}"#
        event("status", "ai_agent", trace, #"{"status":"ready","data":\#(matches)}"#)
    }
}
