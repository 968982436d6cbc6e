import EventModel
import EventSourcing
import FoundationEssentials
import Ingest

/// A rule for tests: a notebook takes each word once, and no word that begins with `no`.
enum Notebook: Decider {
    struct State: Equatable, Sendable {
        var words: [String] = []
    }
    enum Command: Equatable, Sendable { case note(String) }
    enum Rejection: Error, Equatable, Sendable { case unwanted(String) }
    static let initialState = State()

    static func evolve(_ state: State, _ event: NotebookEvent) -> State { State(words: state.words + [event.word]) }

    static func decide(_ command: Command, _ state: State) throws(Rejection) -> [NotebookEvent] {
        switch command {
        case .note(let word) where word.hasPrefix("no"): throw .unwanted(word)
        case .note(let word): state.words.contains(word) ? [] : [NotebookEvent(word: word)]
        }
    }
}

struct NotebookEvent: DomainEvent {
    let word: String

    static let category = "notebook"
    static let personalMarks: [PersonalMark] = []
    var type: EventType { EventType(trusting: "notebook.noted") }
    var schemaVersion: Int32 { 1 }
    var payload: JSONValue { ["word": .string(word)] }

    init(word: String) { self.word = word }

    init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        word = try payload.text("word")
    }
}

/// `{"notebook":"n1","words":["a","b"]}`, in any order.
struct NotebookSide: InboundSide {
    typealias D = Notebook
    var kind: String { "notebook" }

    func recognises(_ payload: JSONValue) -> Bool { payload["notebook"] != nil }

    func commands(
        in payload: JSONValue, isWhole: Bool, of message: InboundMessage
    ) throws(InboundRejection) -> [InboundCommand<Notebook>] {
        guard let key = payload["notebook"]?.string, let words = payload["words"]?.array,
            let stream = try? StreamName("notebook-\(key)")
        else { throw InboundRejection(.malformed, "notebook and words are needed") }
        return words.map { InboundCommand(.note($0.string ?? "no text"), to: stream) }
    }
}

extension InboundMessage {
    /// A message that says words of a notebook.
    static func words(_ words: [String], notebook: String = "n1", id: String? = nil, at: Int64 = 0) -> InboundMessage {
        let list = words.map { "\"\($0)\"" }.joined(separator: ",")
        return .text(#"{"notebook":"\#(notebook)","words":[\#(list)]}"#, id: id, at: at)
    }

    /// A message of any content.
    static func text(_ text: String, id: String? = nil, at place: Int64 = 0) -> InboundMessage {
        InboundMessage(
            key: id.map { InboundKey(source: "test", id: $0) }
                ?? InboundKey(cluster: "c", topic: "t", generation: UUID(), partition: 0, offset: place),
            payload: Array(text.utf8), receivedAt: Timestamp(microseconds: 1_800_000_000_000_000), keepsTime: true,
            actor: "ada", origin: "t[0]@\(place)")
    }
}
