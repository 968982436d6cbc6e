import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials

/// A rule for tests: an account that takes each reference once, and nothing when closed.
enum Ledger: Decider {
    struct State: Equatable, Sendable {
        var references: Set<String> = []
        var order: [String] = []
        var isClosed = false
    }

    enum Command: Equatable, Sendable {
        case book(String)
        /// Several events at once, each with a payload of this many bytes.
        case bookMany(String, count: Int, bytes: Int = 0)
        case close
    }

    enum Rejection: Error, Equatable, Sendable {
        case closed(reference: String)
        case unknownReference
    }

    static let initialState = State()

    static func evolve(_ state: State, _ event: LedgerEvent) -> State {
        var state = state
        switch event {
        case .booked(let reference, _):
            state.references.insert(reference)
            state.order.append(reference)
        case .closed: state.isClosed = true
        }
        return state
    }

    static func decide(_ command: Command, _ state: State) throws(Rejection) -> [LedgerEvent] {
        switch command {
        case .book(let reference):
            if state.references.contains(reference) { return [] }
            if state.isClosed { throw .closed(reference: reference) }
            return [.booked(reference, filling: 0)]
        case .bookMany(let reference, let count, let bytes):
            if state.references.contains("\(reference)/0") { return [] }
            if state.isClosed { throw .closed(reference: reference) }
            return (0..<count).map { .booked("\(reference)/\($0)", filling: bytes) }
        case .close: return state.isClosed ? [] : [.closed]
        }
    }
}

enum LedgerEvent: DomainEvent {
    case booked(String, filling: Int)
    case closed

    static let category = "ledger"
    static let personalMarks: [PersonalMark] = []

    var type: EventType {
        switch self {
        case .booked: EventType(trusting: "ledger.booked")
        case .closed: EventType(trusting: "ledger.closed")
        }
    }

    var schemaVersion: Int32 { 1 }

    var payload: JSONValue {
        switch self {
        case .booked(let reference, let bytes):
            ["reference": .string(reference), "filling": .string(String(repeating: "x", count: bytes))]
        case .closed: [:]
        }
    }

    init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        switch type.rawValue {
        case "ledger.booked":
            self = .booked(try payload.text("reference"), filling: try payload.text("filling").utf8.count)
        case "ledger.closed": self = .closed
        default: throw .unknown(type: type, schemaVersion: schemaVersion)
        }
    }
}

extension StreamCommand where D == Ledger {
    /// A command whose id is its number.
    convenience init(
        _ command: Ledger.Command, to stream: StreamName = "ledger-1", id: UInt64,
        with change: (inout CommandContext) -> Void = { _ in }
    ) {
        var context = CommandContext(
            id: SequentialIDs.id(id), time: Timestamp(microseconds: 1_770_000_000_000_000), actor: "ada")
        change(&context)
        self.init(command, to: stream, context)
    }
}
