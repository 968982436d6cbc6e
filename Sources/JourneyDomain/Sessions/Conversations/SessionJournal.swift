import EventModel

/// The reported events of a session and the deletions among them: a set that only grows.
struct SessionJournal: Equatable, Sendable {
    /// A customer, and the first message that names them.
    struct Customer: Equatable, Sendable {
        let id: String
        let offset: Int
    }

    /// A place among the offsets.
    struct Place: Equatable, Sendable {
        var offset: Int
        var trace: ElementID
    }

    private(set) var entries: [ElementID: SessionEntry] = [:]
    private(set) var traces: [ElementID: [ElementID]] = [:]
    private(set) var deleted = OffsetRanges()
    private(set) var rewinds: [SessionRewind] = []
    /// Events that move the conversation without a turn, by offset.
    private(set) var moves: [SessionEntry] = []
    private(set) var messages = 0
    private(set) var customer: Customer?
    /// The highest offset, and the highest of the other traces.
    private(set) var highest: Place?
    private var highestOther: Int?
    /// The digests of all metadata that an event has been seen with.
    private var attachments: [ElementID: Set<String>] = [:]

    /// Takes an event up; a known id changes nothing.
    mutating func insert(_ event: ReportedEvent) {
        let entry = SessionEntry(event)
        guard entries[entry.id] == nil else { return }
        entries[entry.id] = entry
        if let trace = entry.trace { insert(entry.id, into: trace) }
        if case .move = entry.role {
            moves.append(entry)
            moves.sort { ($0.offset, $0.id) < ($1.offset, $1.id) }
        }
        rise(to: Place(offset: entry.offset, trace: entry.trace ?? entry.id))
        attach(event.metadata, to: entry.id)
        guard case .message(let message) = event.content else { return }
        messages += 1
        guard event.envelope.source == ParlantWords.customer, let writer = message.participant else { return }
        if let customer, (customer.offset, customer.id) <= (entry.offset, writer) { return }
        customer = Customer(id: writer, offset: entry.offset)
    }

    /// The traces' events are kept in order, so that equal sets are equal values.
    private mutating func insert(_ id: ElementID, into trace: ElementID) {
        var ids = traces[trace] ?? []
        let place = ids.firstIndex { id < $0 } ?? ids.endIndex
        ids.insert(id, at: place)
        traces[trace] = ids
    }

    private mutating func rise(to place: Place) {
        guard let top = highest else {
            highest = place
            return
        }
        if place.trace == top.trace {
            highest?.offset = max(top.offset, place.offset)
        } else if place.offset > top.offset {
            highestOther = top.offset
            highest = place
        } else {
            highestOther = max(highestOther ?? place.offset, place.offset)
        }
    }

    /// Remembers that an event was seen with this metadata; hidden metadata says nothing.
    mutating func attach(_ metadata: JSONValue?, to id: ElementID) {
        guard let digest = Self.digest(of: metadata) else { return }
        attachments[id, default: []].insert(digest)
    }

    /// Whether an event has been seen with this metadata, as far as can be told.
    func hasSeen(_ metadata: JSONValue?, of id: ElementID) -> Bool {
        guard let digest = Self.digest(of: metadata), let seen = attachments[id] else { return true }
        return seen.contains(digest)
    }

    private static func digest(of metadata: JSONValue?) -> String? {
        guard let metadata else { return "" }
        return metadata.isHidden ? nil : ContentDigest(of: metadata.canonicalBytes()).hexadecimal
    }

    /// Takes a deletion up.
    mutating func delete(_ rewind: SessionRewind) {
        deleted.insert(rewind.from..<max(rewind.from, rewind.before))
        let known = SessionRewind(from: rewind.from, before: rewind.before, at: rewind.at)
        guard !rewinds.contains(known) else { return }
        let place =
            rewinds.firstIndex { ($0.at, $0.from, $0.before) > (known.at, known.from, known.before) }
            ?? rewinds.endIndex
        rewinds.insert(known, at: place)
    }

    /// The events of a trace, deleted ones included, in the order of their offsets.
    func events(of trace: ElementID) -> [SessionEntry] {
        (traces[trace] ?? []).compactMap { entries[$0] }.sorted { ($0.offset, $0.id) < ($1.offset, $1.id) }
    }

    /// The events of a trace that still stand: all before the first that was deleted. What a deleted turn says later does not count.
    func standing(of trace: ElementID) -> [SessionEntry] {
        Array(events(of: trace).prefix { !deleted.contains($0.offset) })
    }

    /// Whether an event still stands.
    func stands(_ id: ElementID) -> Bool {
        guard let entry = entries[id] else { return false }
        guard let trace = entry.trace else { return !deleted.contains(entry.offset) }
        return standing(of: trace).contains { $0.id == id }
    }

    /// Whether an event of another trace lies behind `offset`.
    func isFollowed(_ offset: Int, by other: ElementID) -> Bool {
        guard let highest else { return false }
        return (highest.trace == other ? highestOther ?? -1 : highest.offset) > offset
    }

    /// The turn of a trace.
    func turn(_ trace: ElementID) -> SessionTurn {
        SessionTurn(trace: trace, entries: standing(of: trace)) { isFollowed($0, by: trace) }
    }

    /// The trace that began last among those that stand and hold a turn or a message, and whether a person answers in it.
    var lastExchange: (trace: ElementID, isAnswer: Bool)? {
        var last: (offset: Int, trace: ElementID)?
        for trace in traces.keys {
            guard let first = standing(of: trace).first?.offset else { continue }
            if let last, (last.offset, last.trace) > (first, trace) { continue }
            guard turn(trace).isTurn || standing(of: trace).contains(where: \.isMessage) else { continue }
            last = (first, trace)
        }
        return last.map { last in
            (last.trace, standing(of: last.trace).contains(where: \.isAnswer))
        }
    }
}
