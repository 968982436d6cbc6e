import FoundationEssentials

/// Where reading of a partition goes on, and whether it is still the same partition. A value without I/O.
///
/// Reading begins at the last message that had been read: when it is there with the same content, the partition is the one that the bookmark
/// was made for. `ListOffsets` and topic ids are not available everywhere, so nothing else is asked.
public struct PartitionResumption: Sendable, Equatable {
    /// What to do with what was met.
    public enum Step: Sendable, Equatable {
        /// Take the message in.
        case take
        /// The message had been read.
        case pass
        /// Nothing to do.
        case wait
        /// Read the partition from its beginning.
        case rewind
    }

    private enum Phase: Sendable, Equatable {
        /// The message before the bookmark is expected.
        case verifying
        /// What the bookmark names does not exist; the beginning tells why.
        case searching
        case reading
    }

    /// The partition's number.
    public let partition: Int32
    /// How far it has been read.
    public private(set) var bookmark: InboundBookmark
    /// What was noticed and has not been said.
    public private(set) var notices: [InboundNotice] = []
    private var phase: Phase
    /// Whether the bookmark is one that is kept.
    private var isKept: Bool

    /// The resumption of a partition.
    ///
    /// - Parameter newGeneration: made for this reading, in case that it turns out to be the first.
    public init(_ partition: Int32, from bookmark: InboundBookmark?, newGeneration: UUID) {
        self.partition = partition
        self.newGeneration = newGeneration
        isKept = bookmark != nil
        self.bookmark = bookmark ?? InboundBookmark(generation: newGeneration, next: 0, last: nil)
        phase = bookmark?.last != nil ? .verifying : .reading
        if bookmark == nil { notices.append(.firstReading(partition: partition)) }
    }

    private let newGeneration: UUID

    /// The offset to begin at; `nil` is the oldest message.
    public var start: Int64? {
        switch phase {
        case .verifying: bookmark.next - 1
        case .searching: nil
        case .reading: isKept && bookmark.next > 0 ? bookmark.next : nil
        }
    }

    /// Says what was noticed, once.
    public mutating func takeNotices() -> [InboundNotice] {
        defer { notices = [] }
        return notices
    }

    /// A message lies at `offset`.
    ///
    /// - Parameter fingerprint: of the message, if it is asked for.
    public mutating func meet(_ offset: Int64, _ fingerprint: () -> InboundFingerprint) -> Step {
        switch phase {
        case .verifying:
            guard offset == bookmark.next - 1 else {
                // The message is gone, and what comes first behind it tells whether others are gone as well.
                return offset < bookmark.next - 1 ? another() : take(offset, isAfterGap: true)
            }
            guard fingerprint() == bookmark.last else { return another() }
            phase = .reading
            return .pass
        case .searching:
            guard offset >= bookmark.next else {
                begin()
                return take(offset)
            }
            return take(offset, isAfterGap: true)
        case .reading: return offset < bookmark.next ? .pass : take(offset)
        }
    }

    /// The partition ends: its next message will have `offset`.
    public mutating func meetEnd(_ offset: Int64) -> Step {
        guard offset < bookmark.next else {
            if phase == .searching { phase = .reading }
            return .wait
        }
        if phase == .searching {
            begin()
            return .wait
        }
        return another()
    }

    /// The offset to begin at does not exist.
    public mutating func meetNothing() -> Step {
        phase = .searching
        return .rewind
    }

    /// The content of the last message taken in, for the bookmark.
    public mutating func remember(_ fingerprint: InboundFingerprint) { bookmark.last = fingerprint }

    /// Offsets that are left out while reading are marks of transactions; left out behind the bookmark, where it says nothing any more, they
    /// are messages that retention has removed.
    private mutating func take(_ offset: Int64, isAfterGap: Bool = false) -> Step {
        phase = .reading
        if isAfterGap, offset > bookmark.next {
            notices.append(.missed(partition: partition, from: bookmark.next, to: offset))
        }
        isKept = true
        bookmark.next = offset + 1
        return .take
    }

    private mutating func another() -> Step {
        begin()
        return .rewind
    }

    private mutating func begin() {
        notices.append(.anotherTopic(partition: partition, bookmark: bookmark.next))
        bookmark = InboundBookmark(generation: newGeneration, next: 0, last: nil)
        isKept = false
        phase = .reading
    }
}
