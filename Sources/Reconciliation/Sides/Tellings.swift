import EventModel

/// What a conversation has told of one thing, again and again: the one with the highest place counts, as long as it stands.
struct Tellings: Equatable, Sendable {
    /// Where something counts in a conversation.
    struct Place: Comparable, Sendable {
        /// The offset of a word of the conversation's own; of what it was told, that of the word in whose place it is told, `-1` where there was none.
        let behind: Int
        private let offset: Int
        fileprivate let event: ElementID

        /// Where the event `event` counts that stands at `offset`: there, or earlier where it says so itself.
        init(_ offset: Int, _ event: ElementID, behind: Int? = nil) {
            self.behind = min(behind ?? offset, offset)
            self.offset = offset
            self.event = event
        }

        static func < (left: Self, right: Self) -> Bool {
            (left.behind, left.offset, left.event) < (right.behind, right.offset, right.event)
        }
    }

    private struct Telling: Equatable, Sendable {
        let place: Place
        let value: JSONValue
    }

    private var all: [Telling] = []
    /// What counts; `nil` when everything was taken back.
    var value: JSONValue? { all.last?.value }
    /// Where that counts.
    var place: Place? { all.last?.place }
    /// The event that changed it last, be it by taking something back.
    private(set) var origin: Origin

    init(_ origin: Origin) { self.origin = origin }

    mutating func tell(_ value: JSONValue, at place: Place, _ origin: Origin) {
        let before = self.value
        all.insert(Telling(place: place, value: value.canonicalized), at: all.place { $0.place < place })
        if all.count > SideLimits.tellings { all.removeFirst() }
        if self.value != before { self.origin = origin }
    }

    mutating func keep(where stands: (ElementID) -> Bool, _ origin: Origin) {
        let before = value
        all.removeAll { !stands($0.place.event) }
        if value != before { self.origin = origin }
    }
}

/// An input by who has asked for it, and what it is called.
struct CollectedName: Hashable, Sendable {
    let journey: ElementID
    let state: ElementID
    let name: ElementID
}

/// Things that were heard, each once; the first that was heard goes when there are too many.
struct Echoes: Equatable, Sendable {
    private(set) var heard: Set<String> = []
    private var order: [String] = []

    mutating func insert(_ echo: String) {
        guard heard.insert(echo).inserted else { return }
        order.append(echo)
        if order.count > SideLimits.echoes { heard.remove(order.removeFirst()) }
    }
}
