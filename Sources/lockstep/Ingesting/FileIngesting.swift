import EventModel
import EventSourcing
import Ingest

/// Takes in the payloads of a file, many at a time, and keeps those that are refused.
struct FileIngesting<Ledger: InboundLedger>: Sendable {
    let desk: InboundDesk<Ledger>
    let ledger: Ledger
    let actor: String?
    let isDryRun: Bool
    let rejected: RejectedPayloads
    let progress: IngestProgress
    let time: any Timekeeper

    /// - Returns: what became of the payloads.
    /// - Throws: a fault of the log that retrying did not cure; ingesting the file again goes on where this ended, because what is known is
    ///   recognised.
    func run(_ path: String) async throws -> IngestCounts {
        let input = try InputBytes(path: path)
        var splitter = DocumentSplitter()
        var counts = IngestCounts()
        var waiting: [DocumentSplitter.Piece] = []
        var size = 0
        var read: Int64 = 0
        while let bytes = try await input.next() {
            read += Int64(bytes.count)
            for piece in splitter.take(bytes) {
                waiting.append(piece)
                size += piece.bytes.count
                guard waiting.count >= InboundLimits.messages || size >= InboundLimits.batchBytes else { continue }
                try await takeIn(waiting, of: path, &counts)
                (waiting, size) = ([], 0)
            }
            progress.show(counts, read: read, of: input.total)
        }
        try Task.checkCancellation()
        try await takeIn(waiting + splitter.finish(), of: path, &counts)
        progress.clear()
        return counts
    }

    private func takeIn(
        _ pieces: [DocumentSplitter.Piece], of path: String, _ counts: inout IngestCounts
    ) async throws {
        try Task.checkCancellation()
        guard !pieces.isEmpty else { return }
        let now = time.now()
        try await desk.prepare()
        let settlement = try await desk.settle(desk.read(pieces.map { message($0, of: path, at: now) }))
        for (piece, verdict) in zip(pieces, settlement.verdicts) {
            let verdict = piece.bytes.count == piece.count ? verdict : Self.tooLarge(piece)
            counts.add(verdict)
            if let rejection = verdict.rejection { try rejected.keep(piece, of: path, rejection) }
        }
        try rejected.flush()
        // Names are remembered once the refused ones are kept, so that nothing is lost in between.
        if !isDryRun { try await ledger.remember(settlement.entries, in: desk.workspace) }
    }

    private func message(_ piece: DocumentSplitter.Piece, of path: String, at now: Timestamp) -> InboundMessage {
        InboundMessage(
            key: InboundKey(content: piece.bytes), payload: piece.bytes, receivedAt: now, keepsTime: false,
            actor: actor, origin: "\(path):\(piece.line)")
    }

    private static func tooLarge(_ piece: DocumentSplitter.Piece) -> InboundVerdict {
        let reason = "the payload has \(piece.count) bytes, the limit is \(InboundLimits.payloadBytes)"
        return InboundVerdict(.rejected(InboundRejection(.tooLarge, reason)), kind: nil, events: 0)
    }
}

/// Remembers nothing: what a rehearsal asks is what there is.
struct RehearsalLedger<Ledger: InboundLedger>: InboundLedger {
    let ledger: Ledger

    func fingerprints(
        of keys: [InboundKey], in workspace: Workspace
    ) async throws(StoreError) -> [InboundKey: InboundFingerprint] {
        try await ledger.fingerprints(of: keys, in: workspace)
    }

    func remember(_ entries: [InboundEntry], in workspace: Workspace) async throws(StoreError) {}
}

/// A log to which nothing is appended: it answers as if it had been. States that are remembered go on from there.
struct RehearsalStore<Store: EventStore>: EventStore {
    let store: Store

    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        do throws(AppendFlaw) { _ = try CheckedAppend(request) } catch { throw .refused(error) }
        let first = try await store.head().position.next
        let versions = request.streams.map { part in
            let known: Int64 = if case .exactly(let version) = part.expected { version.rawValue } else { 0 }
            return StreamVersion(known + Int64(part.events.count))
        }
        return .appended(
            AppendReceipt(first: first, last: first.advanced(by: request.eventCount - 1), versions: versions))
    }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage { try await store.read(query) }
    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { try await store.read(query) }
    func head() async throws(StoreError) -> LogHead { try await store.head() }
    func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        try await store.waitForEvents(after: position, atMost: limit)
    }
}
