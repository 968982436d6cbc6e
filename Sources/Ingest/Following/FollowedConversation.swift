import EventModel
import EventSourcing
import FoundationEssentials

/// How far a conversation has been taken in. In its bookmark:
/// - `next` is the offset behind the last event taken,
/// - `generation` is made of that event's id: another one in its place is another history,
/// - `last` is made of the mark under which everything was taken, or says how the conversation went away.
enum ConversationBookmark {
    /// What holds the life of the server, which is no conversation's id.
    static let lifeKey = ""
    /// Nothing was taken yet.
    static let beginning = InboundBookmark(generation: InboundFingerprint.none.id, next: 0, last: nil)
    /// The conversation was deleted, which is on record.
    static let deleted = InboundFingerprint(of: Array("deleted".utf8))
    /// The conversation was lost with the server's memory.
    static let lost = InboundFingerprint(of: Array("lost".utf8))

    /// What a mark is remembered by.
    static func fingerprint(ofMark mark: String) -> InboundFingerprint {
        InboundFingerprint(parts: [Array("mark".utf8), Array(mark.utf8)])
    }

    /// What an event is remembered by.
    static func generation(of event: ConversationLook.Event) -> UUID {
        InboundFingerprint(parts: [Array("event".utf8), Array(event.id.utf8)]).id
    }

    /// The bookmark of the life of a server.
    static func life(_ life: String) -> InboundBookmark {
        InboundBookmark(
            generation: InboundFingerprint.none.id, next: 0,
            last: InboundFingerprint(parts: [Array("life".utf8), Array(life.utf8)]))
    }
}

extension InboundBookmark {
    /// Whether the conversation went away, as far as is known.
    var isGone: Bool { last == ConversationBookmark.deleted || last == ConversationBookmark.lost }

    /// The bookmark with another content of `last`.
    func marked(_ last: InboundFingerprint?) -> InboundBookmark {
        InboundBookmark(generation: generation, next: next, last: last)
    }
}

/// A look that is being taken in, piece by piece.
struct ConversationInHand: Sendable, Equatable {
    let conversation: String
    /// The mark under which the look was taken.
    let mark: String
    let look: ConversationLook
    /// The events that have not been taken in.
    private(set) var rest: ArraySlice<ConversationLook.Event>
    /// The first offset that the next report covers.
    private(set) var coveredFrom: Int
    /// Whether what the conversation is has been reported.
    private(set) var isDescribed = false
    /// Where the bookmark is.
    private(set) var bookmark: InboundBookmark?
    private var mostEvents: Int
    private let mostBytes: Int

    /// - Parameters:
    ///   - bookmark: where the conversation stands in the ledger.
    ///   - isOverlapping: whether the first event is one that was taken in.
    init(
        _ conversation: String, under mark: String, _ look: ConversationLook, at bookmark: InboundBookmark?,
        isOverlapping: Bool, limits: FollowingLimits
    ) {
        self.conversation = conversation
        self.mark = mark
        self.look = look
        self.bookmark = bookmark
        rest = look.events[...].dropFirst(isOverlapping ? 1 : 0)
        coveredFrom = look.from + (isOverlapping ? 1 : 0)
        mostEvents = limits.reportedEvents
        mostBytes = limits.reportedBytes
        standing = isOverlapping ? bookmark ?? ConversationBookmark.beginning : ConversationBookmark.beginning
    }

    /// Where the bookmark belongs when no further event is taken.
    private var standing: InboundBookmark

    /// The events of the next report.
    var piece: ArraySlice<ConversationLook.Event> {
        var bytes = 0
        var count = 0
        for event in rest.prefix(mostEvents) {
            bytes += event.content.compactBytes().count
            if count > 0, bytes > mostBytes { break }
            count += 1
        }
        return rest.prefix(count)
    }

    /// The next reports.
    func reports(observedAt: Timestamp) -> [ConversationReport] {
        let piece = piece
        let isLast = piece.count == rest.count
        var reports: [ConversationReport] = []
        if !isDescribed { reports.append(.description(conversation, look.description, observedAt: observedAt)) }
        reports.append(
            .events(
                conversation, piece, from: coveredFrom, through: isLast ? look.through : piece.last?.offset,
                ending: isLast && !look.isCut ? look : nil, observedAt: observedAt))
        return reports
    }

    /// Where the bookmark goes when the next report has been taken.
    var move: ConversationMove {
        let piece = piece
        var to = piece.last.map {
            InboundBookmark(generation: ConversationBookmark.generation(of: $0), next: Int64($0.offset) + 1, last: nil)
        }
        if piece.count == rest.count, !look.isCut {
            to = (to ?? standing).marked(ConversationBookmark.fingerprint(ofMark: mark))
        }
        return ConversationMove(conversation, from: bookmark, to: to ?? standing.marked(nil))
    }

    /// Takes note that the next report was taken and the bookmark moved. Answers whether everything is done.
    mutating func advance() -> Bool {
        let piece = piece
        (bookmark, standing) = (move.to, move.to)
        isDescribed = true
        rest = rest.dropFirst(piece.count)
        if let last = piece.last { coveredFrom = last.offset + 1 }
        return rest.isEmpty
    }

    /// Takes note that the events of the next report were refused. Answers whether trying them one by one can help.
    mutating func divide() -> Bool {
        guard piece.count > 1 else { return false }
        mostEvents = 1
        return true
    }
}
