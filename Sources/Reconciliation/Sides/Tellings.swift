import EventModel

/// What a conversation has told of one thing, again and again: the event with the highest offset counts, as long as it stands.
struct Tellings: Equatable, Sendable {
    private struct Telling: Equatable, Sendable {
        let offset: Int
        let event: ElementID
        let value: JSONValue
    }

    private var all: [Telling] = []
    /// What counts; `nil` when everything was taken back.
    var value: JSONValue? { all.last?.value }
    /// Where that stands in the conversation.
    var offset: Int? { all.last?.offset }
    /// The event that changed it last, be it by taking something back.
    private(set) var origin: Origin

    init(_ origin: Origin) { self.origin = origin }

    mutating func tell(_ value: JSONValue, by event: ElementID, at offset: Int, _ origin: Origin) {
        let before = self.value
        let place = all.place { ($0.offset, $0.event) < (offset, event) }
        all.insert(Telling(offset: offset, event: event, value: value.canonicalized), at: place)
        if all.count > SideLimits.tellings { all.removeFirst() }
        if self.value != before { self.origin = origin }
    }

    mutating func keep(where stands: (ElementID) -> Bool, _ origin: Origin) {
        let before = value
        all.removeAll { !stands($0.event) }
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
