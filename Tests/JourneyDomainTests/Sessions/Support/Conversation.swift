import EventModel
import JourneyDomain

/// A session that is followed from the outside: payloads go in, facts come out.
struct Followed {
    private(set) var reader = SessionReader()
    private(set) var facts: [SessionFact] = []

    var state: SessionState { reader.state }

    init() {}

    init(_ payloads: [JSONValue]) throws {
        for payload in payloads { try receive(payload) }
    }

    @discardableResult mutating func receive(_ payload: JSONValue) throws -> [SessionFact] {
        var news: [SessionFact] = []
        for report in try SessionReports.read(payload, receivedAt: noon) {
            for input in report.inputs { news += reader.receive(input) }
        }
        facts += news
        return news
    }

    /// The moves, as `+journey/state` and `-journey/state`.
    var moves: [String] { facts.compactMap(\.move) }

    /// The ends of turns, as `completed`, `failed KeyError` and `cancelled`.
    var endings: [String] { facts.compactMap(\.ending) }
}

extension SessionFact {
    var move: String? {
        switch self {
        case .stateEntered(let move): "+\(move.journey)/\(move.state)"
        case .stateLeft(let move): "-\(move.journey)/\(move.state)"
        default: nil
        }
    }

    var ending: String? {
        switch self {
        case .turnCompleted: "completed"
        case .turnFailed(let turn): "failed \(turn.error)"
        case .turnCancelled: "cancelled"
        default: nil
        }
    }
}

/// 2026-11-21T12:00:00Z
let noon = Timestamp(microseconds: 1_795_262_400_000_000)
