import EventModel
import EventSourcing

/// Messages of one pull, read and sorted by whose they are.
struct InboundBatch<Delivery: InboundDelivery, Ledger: InboundLedger>: Sendable {
    /// The messages of one tenant, in order.
    struct Part: Sendable {
        let desk: InboundDesk<Ledger>
        /// Of the delivery.
        let indices: [Int]
        let reading: InboundReading
    }

    let delivery: Delivery
    private(set) var parts: [Part] = []
    /// Refused at the door, by index.
    private(set) var refused: [Int: InboundRejection] = [:]

    /// Reads what was delivered.
    ///
    /// - Parameter prepare: asks the log what reading needs to know.
    init(
        _ delivery: Delivery, for workspaces: InboundWorkspaces, at desks: InboundDesks<Ledger>,
        prepare: (InboundDesk<Ledger>) async throws -> Void
    ) async throws {
        self.delivery = delivery
        let messages = delivery.messages
        var places: [Workspace: [Int]] = [:]
        var order: [Workspace] = []
        for (index, message) in messages.enumerated() {
            if let refusal = Self.refusal(of: message, workspaces) {
                refused[index] = refusal
            } else {
                if places[message.workspace] == nil { order.append(message.workspace) }
                places[message.workspace, default: []].append(index)
            }
        }
        for workspace in order {
            let (desk, indices) = (desks.desk(of: workspace), places[workspace] ?? [])
            try await prepare(desk)
            let own = indices.count == messages.count ? messages : indices.map { messages[$0] }
            parts.append(Part(desk: desk, indices: indices, reading: desk.read(own)))
        }
    }

    private static func refusal(of message: InboundMessage, _ workspaces: InboundWorkspaces) -> InboundRejection? {
        if let refusal = message.refusal { return refusal }
        do throws(InboundRejection) { try workspaces.admit(message.workspace) } catch { return error }
        return nil
    }

    /// Under whose key a refused message is kept: never under that of a tenant whose name only a stranger has spoken.
    func owner(of index: Int) -> Workspace { refused[index] == nil ? delivery.messages[index].workspace : .default }
}

/// What became of the messages of a batch.
struct InboundOutcome: Sendable {
    /// In the order of the messages.
    var verdicts: [InboundVerdict]
    /// To be remembered.
    var entries: [Workspace: [InboundEntry]] = [:]
    /// To be kept.
    var rejected: [RejectedMessage] = []

    init<Delivery, Ledger>(_ batch: InboundBatch<Delivery, Ledger>) {
        let untouched = InboundVerdict(.noNews, kind: nil, events: 0)
        verdicts = [InboundVerdict](repeating: untouched, count: batch.delivery.messages.count)
        for (index, rejection) in batch.refused {
            verdicts[index] = InboundVerdict(.rejected(rejection), kind: nil, events: 0)
        }
    }

    mutating func add(_ settlement: InboundSettlement, of indices: [Int], in workspace: Workspace) {
        for (index, verdict) in zip(indices, settlement.verdicts) { verdicts[index] = verdict }
        if !settlement.entries.isEmpty { entries[workspace, default: []] += settlement.entries }
    }

    /// This outcome of messages that were settled before: what they became then is no news now, and what is refused now is refused.
    func following(_ earlier: InboundOutcome) -> InboundOutcome {
        var outcome = self
        for (index, before) in earlier.verdicts.enumerated() where verdicts[index].events == 0 {
            let now = verdicts[index]
            outcome.verdicts[index] = InboundVerdict(
                now.rejection == nil ? before.outcome : now.outcome, kind: now.kind, events: before.events)
        }
        return outcome
    }

    /// What became of the messages of each partition.
    func counts(_ delivery: some InboundDelivery) -> [Int32: InboundCounts] {
        var counts: [Int32: InboundCounts] = [:]
        for (index, verdict) in verdicts.enumerated() {
            let partition = delivery.place(of: index).partition
            counts[partition, default: InboundCounts()].messages += 1
            counts[partition, default: InboundCounts()].events += Int64(verdict.events)
            if verdict.rejection != nil { counts[partition, default: InboundCounts()].rejected += 1 }
        }
        return counts
    }
}
