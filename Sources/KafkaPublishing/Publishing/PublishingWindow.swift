import DequeModule
import EventModel
import EventSourcing

/// The batches under way, in log order.
struct PublishingWindow: Sendable {
    private struct Entry: Sendable {
        var outgoing: OutgoingBatch
        var bytes: Int
        var isTail: Bool
        var answer: (offsets: [Int64], digest: CompletenessDigest)?
    }

    private var entries: Deque<Entry> = []
    private var firstNumber = 0
    private(set) var events = 0
    private(set) var bytes = 0

    var isEmpty: Bool { entries.isEmpty }
    var nextNumber: Int { firstNumber + entries.count }

    func hasRoom(_ limits: PublisherLimits) -> Bool { events < limits.windowEvents && bytes < limits.windowBytes }

    mutating func append(_ outgoing: OutgoingBatch, bytes size: Int, isTail: Bool) {
        precondition(outgoing.number == nextNumber, "batches are numbered in order")
        entries.append(Entry(outgoing: outgoing, bytes: size, isTail: isTail))
        events += outgoing.records.count
        bytes += size
    }

    /// Marks a batch as acknowledged; its place in the prefix may come later.
    mutating func acknowledge(_ number: Int, offsets: [Int64], digest: CompletenessDigest) {
        let index = number - firstNumber
        guard entries.indices.contains(index) else { return }
        precondition(offsets.count == entries[index].outgoing.records.count, "one offset per record")
        entries[index].answer = (offsets, digest)
    }

    /// Takes the oldest batch out if it is acknowledged.
    mutating func popAcknowledged() -> AcknowledgedBatch? {
        guard let first = entries.first, let answer = first.answer else { return nil }
        entries.removeFirst()
        firstNumber += 1
        events -= first.outgoing.records.count
        bytes -= first.bytes
        return AcknowledgedBatch(
            outgoing: first.outgoing, offsets: answer.offsets, digest: answer.digest, isTail: first.isTail)
    }
}

/// A batch that the broker holds.
struct AcknowledgedBatch: Sendable {
    var outgoing: OutgoingBatch
    var offsets: [Int64]
    var digest: CompletenessDigest
    var isTail: Bool
}

/// Which checkpoint is stored, and which is on its way.
struct CheckpointLedger: Sendable {
    /// What the store holds for certain.
    private(set) var storedPosition = GlobalPosition.start
    /// What the store holds, or will hold when the save under way is answered.
    private(set) var savedPosition = GlobalPosition.start
    private(set) var isSaving = false
    /// Whether a ``PublisherMachine/Action/saveLater`` is running.
    var isTimed = false

    init() {}

    init(storedPosition: GlobalPosition, savedPosition: GlobalPosition) {
        self.storedPosition = storedPosition
        self.savedPosition = savedPosition
    }

    mutating func begin(_ position: GlobalPosition) {
        savedPosition = position
        isSaving = true
    }

    mutating func confirm() {
        storedPosition = savedPosition
        isSaving = false
    }
}
