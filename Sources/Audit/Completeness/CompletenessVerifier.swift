import EventModel
import EventSourcing

/// Compares what consumers say that they have seen with the log, and names the first event that one of them has not.
public struct CompletenessVerifier<Store: EventStore>: Sendable {
    private let store: Store

    /// A verifier against a log.
    public init(_ store: Store) {
        self.store = store
    }

    /// Reads the log once for all, and once more where a certificate does not agree. Consumers may go on meanwhile.
    ///
    /// - Parameter onProgress: called after each page with the position reached and the end.
    /// - Returns: what each certificate comes to, in the same order.
    /// - Throws: ``StoreError`` when the log cannot be read.
    public func verify(
        _ certificates: [CompletenessCertificate],
        onProgress: @Sendable (_ position: GlobalPosition, _ end: GlobalPosition) -> Void = { _, _ in }
    ) async throws(StoreError) -> [CompletenessFinding] {
        let head = try await store.head().position
        let end = min(head, certificates.map(\.end.position).max() ?? .start)
        var marks = Dictionary(grouping: certificates, by: \.scope).map { scope, certificates in
            (scope, LogMarks(of: scope, at: certificates.flatMap { $0.marks.map(\.position) }))
        }
        if end > .start {
            var scan = LogScan(store, after: .start, through: end)
            while let page = try await scan.next() {
                guard !Task.isCancelled else { throw .cancelled }
                for index in marks.indices {
                    for event in page { marks[index].1.take(event) }
                }
                onProgress(page.last?.position ?? end, end)
            }
        }
        var findings: [CompletenessFinding] = []
        let found = Dictionary(uniqueKeysWithValues: marks)
        for certificate in certificates {
            let marks = found[certificate.scope] ?? LogMarks(of: certificate.scope, at: [])
            findings.append(try await finding(certificate, marks, head))
        }
        return findings
    }

    private func finding(
        _ certificate: CompletenessCertificate, _ marks: LogMarks, _ head: GlobalPosition
    ) async throws(StoreError) -> CompletenessFinding {
        guard let stretch = marks.suspect(in: certificate) else { return .complete }
        guard stretch.log != nil else { return .ahead(head: head) }
        let (after, through) = (stretch.agreed.position, stretch.seen.position)
        switch stretch.missing {
        case 0: return .different(after: after, through: through)
        case ..<0: return .repeated(events: -stretch.missing, after: after, through: through)
        default:
            return .missing(
                events: stretch.missing, after: after, through: through,
                first: try await firstMissing(in: stretch, of: certificate.scope))
        }
    }

    private func firstMissing(
        in stretch: SuspectStretch, of scope: CompletenessCertificate.Scope
    ) async throws(StoreError) -> GlobalPosition? {
        guard var run = MissingRun(stretch) else { return nil }
        var scan = LogScan(store, after: stretch.agreed.position, through: stretch.seen.position)
        while run.first == nil, let page = try await scan.next() {
            guard !Task.isCancelled else { throw .cancelled }
            for event in page where scope.includes(event) { run.take(event) }
        }
        return run.first
    }
}
