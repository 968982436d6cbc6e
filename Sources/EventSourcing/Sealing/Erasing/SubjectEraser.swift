import EventModel
import FoundationEssentials

/// Destroys the keys of a subject and puts that on the record.
///
/// Keys go first: from then on nobody can read the data, whatever happens next. Then `subject.erased` is appended to every stream that holds
/// such data, and last, with the receipt, to the subject's own stream. Every id is derived, so running it again after any interruption
/// completes what is missing and answers the same receipt.
public struct SubjectEraser<Store: EventStore>: Sendable {
    /// Streams that are told by one append.
    public static var chunk: Int { 500 }
    /// Tries of one append.
    public static var attempts: Int { 8 }

    private let log: Store
    private let keys: any SubjectKeyStore
    private let workspace: Workspace
    private let time: any Timekeeper
    private let random: any RandomSource
    private let progress: @Sendable (GlobalPosition) -> Void

    /// An eraser in one workspace.
    ///
    /// - Parameters:
    ///   - log: the log itself, not one that opens what it reads.
    ///   - progress: is told the last position that was looked at.
    public init(
        _ log: Store, keys: any SubjectKeyStore, workspace: Workspace, time: any Timekeeper = SystemTimekeeper(),
        random: any RandomSource = SystemRandomSource(),
        progress: @escaping @Sendable (GlobalPosition) -> Void = { _ in }
    ) {
        self.log = log
        self.keys = keys
        self.workspace = workspace
        self.time = time
        self.random = random
        self.progress = progress
    }

    /// What an erasure would destroy now. Changes nothing.
    public func survey(_ subject: DataSubject) async throws(StoreError) -> ErasureSurvey {
        let stored = try await keys.allKeys(of: subject, in: workspace)
        let living = stored.filter { $0.destruction == nil }.map(\.id.generation)
        let horizon = Dictionary(uniqueKeysWithValues: living.map { ($0, GlobalPosition.start) })
        let findings = try await scan.findings(of: subject, behind: horizon, erasure: nil)
        return ErasureSurvey(
            subject: subject, keys: living, destroyed: stored.map(\.id.generation).filter { !living.contains($0) },
            findings: findings, linked: try await scan.linked(to: subject, in: findings.names))
    }

    /// Destroys the subject's keys and records it, or completes an erasure that was interrupted.
    public func erase(
        _ subject: DataSubject, by actor: String? = nil, because reason: String? = nil
    ) async throws(StoreError) -> ErasureOutcome {
        let stored = try await retrying { () async throws(StoreError) in
            try await keys.destroyKeys(of: subject, in: workspace, by: actor, because: reason)
        }
        guard let plan = ErasurePlan(stored, receipts: try await receipts(of: subject), of: subject, in: workspace)
        else { return .unknownSubject }
        // Behind a receipt only what a writer sealed that had not heard of the erasure can be missing.
        let findings = try await scan.findings(of: subject, behind: plan.horizon, erasure: plan.erasure)
        try await record(plan, in: findings)
        if let receipt = plan.receipt { return .erasedBefore(receipt.event, at: receipt.position) }
        return try await conclude(plan, findings)
    }

    private var scan: SubjectScan<Store> { SubjectScan(log: log, workspace: workspace, progress: progress) }

    private func receipts(of subject: DataSubject) async throws(StoreError) -> [ErasurePlan.Recorded] {
        var receipts: [ErasurePlan.Recorded] = []
        var next: StreamQuery? = StreamQuery(workspace: workspace, subject.stream(in: workspace))
        while let query = next {
            let page = try await log.read(query)
            for event in page.events where event.type == SubjectEvent.erasedType {
                guard case .erased(let erased)? = try? SubjectEvent(event) else {
                    throw .corrupt(at: event.position, reason: "the receipt of an erasure cannot be read")
                }
                if erased.receipt != nil { receipts.append(.init(event: erased, position: event.position)) }
            }
            next = query.next(after: page)
        }
        return receipts
    }

    private func record(_ plan: ErasurePlan, in findings: SubjectFindings) async throws(StoreError) {
        var streams = findings.unrecorded[...]
        while !streams.isEmpty {
            if Task.isCancelled { throw .cancelled }
            let parts = streams.prefix(Self.chunk).map { plan.record(in: $0, of: findings) }
            streams = streams.dropFirst(Self.chunk)
            // Another eraser may have told some of them: then one by one, and what is known is done.
            guard try await !append(parts) else { continue }
            for part in parts { _ = try await append([part]) }
        }
    }

    private func conclude(
        _ plan: ErasurePlan, _ findings: SubjectFindings
    ) async throws(StoreError) -> ErasureOutcome {
        let (event, part) = plan.receipt(of: findings)
        let request = AppendRequest(workspace: workspace, streams: [part])
        do throws(StoreError) {
            let outcome = try await retrying { () async throws(StoreError) in try await log.append(request) }
            if let receipt = outcome.receipt { return .erased(event, at: receipt.first) }
        } catch .refused(.idReused) {
            // Another eraser was faster; its receipt is the receipt.
        }
        guard let first = try await receipts(of: plan.subject).first(where: { $0.event.erasure == plan.erasure }) else {
            throw .failed(reason: "the receipt of the erasure was refused, and there is none")
        }
        return .erasedBefore(first.event, at: first.position)
    }

    /// - Returns: whether all of them are in the log now.
    private func append(_ parts: [StreamAppend]) async throws(StoreError) -> Bool {
        let request = AppendRequest(workspace: workspace, streams: parts)
        do throws(StoreError) {
            _ = try await retrying { () async throws(StoreError) in try await log.append(request) }
            return true
        } catch .refused(.idReused), .refused(.partlyRepeated) {
            return parts.count == 1
        }
    }

    private func retrying<Answer>(
        _ call: () async throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        var backoff = Backoff(base: .milliseconds(50), cap: .seconds(2))
        for _ in 1..<Self.attempts {
            do throws(StoreError) { return try await call() } catch {
                guard error.isTransient else { throw error }
            }
            do throws(CancellationError) { try await time.sleep(for: backoff.next(random)) } catch { throw .cancelled }
        }
        return try await call()
    }
}

/// What an erasure would destroy.
public struct ErasureSurvey: Sendable {
    /// Whose data.
    public let subject: DataSubject
    /// The keys that would be destroyed.
    public let keys: [Int32]
    /// The keys that are destroyed already.
    public let destroyed: [Int32]
    /// Where the data are.
    public let findings: SubjectFindings
    /// Other subjects in streams with the same sync keys, and in how many events each occurs.
    public let linked: [DataSubject: Int]
}

/// What became of an erasure.
public enum ErasureOutcome: Sendable, Equatable {
    /// It is done; the receipt is at this position.
    case erased(SubjectErased, at: GlobalPosition)
    /// It was done before; its receipt is at this position.
    case erasedBefore(SubjectErased, at: GlobalPosition)
    /// The subject never had a key, so nothing of it is sealed.
    case unknownSubject
}
