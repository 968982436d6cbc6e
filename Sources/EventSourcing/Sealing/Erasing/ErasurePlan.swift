import EventModel
import FoundationEssentials

/// What destroying a subject's keys amounts to: the same plan whoever computes it, and however often.
struct ErasurePlan: Sendable, Equatable {
    let subject: DataSubject
    let workspace: Workspace
    /// The keys that no receipt covers yet; for a finished erasure those of its receipt.
    let keys: [Int32]
    /// For every destroyed key, the position up to which a receipt vouches that its data are on record. A writer that had not heard of the
    /// erasure may have sealed with it behind that.
    let horizon: [Int32: GlobalPosition]
    /// When the newest of them was destroyed, by whom and why.
    let destruction: KeyDestruction
    /// Derived from the subject and its newest destroyed key.
    let erasure: UUID
    /// The receipt, when it is in the log already.
    let receipt: Recorded?

    /// A receipt and where it is.
    struct Recorded: Sendable, Equatable {
        let event: SubjectErased
        let position: GlobalPosition
    }

    /// - Returns: `nil` when no key of the subject is destroyed.
    init?(_ stored: [StoredSubjectKey], receipts: [Recorded], of subject: DataSubject, in workspace: Workspace) {
        let destroyed = stored.filter { $0.destruction != nil }
        guard let newest = destroyed.last, let destruction = newest.destruction else { return nil }
        self.subject = subject
        self.workspace = workspace
        self.destruction = destruction
        let erasure = Self.id(
            ["erasure", workspace.rawValue, subject.text, "\(newest.id.generation)"], at: destruction.at)
        self.erasure = erasure
        receipt = receipts.first { $0.event.erasure == erasure }
        let covered = Set(receipts.filter { $0.event.erasure != erasure }.flatMap(\.event.keys))
        keys = receipt?.event.keys ?? destroyed.map(\.id.generation).filter { !covered.contains($0) }
        horizon = destroyed.reduce(into: [:]) { horizon, key in
            let vouching = receipts.filter { $0.event.keys.contains(key.id.generation) }
            horizon[key.id.generation] = vouching.map(\.event.through).max() ?? .start
        }
    }

    /// The event for one of the streams that hold data which are gone.
    func record(in stream: StreamName, of findings: SubjectFindings) -> StreamAppend {
        let found = findings.streams[stream]
        let event = SubjectErased(
            erasure: erasure, subject: subject, keys: keys(of: findings), through: findings.through,
            extent: found?.extent ?? SubjectErased.Extent(), receipt: nil)
        let last = found?.last ?? .start
        return append(event, id: ["record", stream.rawValue, "\(last)"], to: stream)
    }

    /// The receipt, for the subject's own stream.
    func receipt(of findings: SubjectFindings) -> (event: SubjectErased, append: StreamAppend) {
        let event = SubjectErased(
            erasure: erasure, subject: subject, keys: keys(of: findings), through: findings.through,
            extent: findings.extent,
            receipt: SubjectErased.Receipt(
                streams: findings.streams.count, streamsDigest: findings.streamsDigest, first: findings.first,
                last: findings.last, reason: destruction.reason))
        return (event, append(event, id: ["receipt"], to: subject.stream(in: workspace)))
    }

    /// The keys of this erasure, and earlier ones that were used once more behind their receipts.
    private func keys(of findings: SubjectFindings) -> [Int32] { Set(keys).union(findings.keys).sorted() }

    private func append(_ event: SubjectErased, id parts: [String], to stream: StreamName) -> StreamAppend {
        let stored = SubjectEvent.erased(event)
        let draft = EventDraft(
            id: Self.id([erasure.text] + parts, at: destruction.at), type: stored.type,
            schemaVersion: stored.schemaVersion, data: stored.encoded(), correlationID: erasure,
            actor: destruction.actor, occurredAt: destruction.at)
        return StreamAppend([draft], to: stream, expecting: .any)
    }

    /// A UUIDv8 of SHA-256 over the parts, each followed by a zero byte, which no name holds.
    private static func id(_ parts: [String], at time: Timestamp) -> UUID {
        let digest = ContentDigest(of: parts.flatMap { Array($0.utf8) + [0] })
        return TimeOrderedID.derived(from: digest.beginning, index: 0, at: time)
    }
}

extension ContentDigest {
    /// The first 16 bytes.
    fileprivate var beginning: UUID {
        func nibble(_ digit: UInt8) -> UInt8 {
            digit < UInt8(ascii: "a") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
        }
        let digits = Array(hexadecimal.utf8)
        func byte(_ index: Int) -> UInt8 { nibble(digits[2 * index]) << 4 | nibble(digits[2 * index + 1]) }
        return UUID(
            uuid: (
                byte(0), byte(1), byte(2), byte(3), byte(4), byte(5), byte(6), byte(7), byte(8), byte(9), byte(10),
                byte(11), byte(12), byte(13), byte(14), byte(15)
            ))
    }
}
