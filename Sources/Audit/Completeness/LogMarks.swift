import EventModel

/// What a consumer must have seen at certain positions, worked out from the log.
struct LogMarks: Sendable {
    private let scope: CompletenessCertificate.Scope
    private var wanted: ArraySlice<GlobalPosition>
    private var running = CompletenessCertificate.Mark.start
    private var found: [GlobalPosition: CompletenessCertificate.Mark] = [.start: .start]

    /// - Parameters:
    ///   - scope: which events count.
    ///   - positions: where to look.
    init(of scope: CompletenessCertificate.Scope, at positions: some Sequence<GlobalPosition>) {
        self.scope = scope
        wanted = Set(positions).sorted()[...]
    }

    /// Takes the next event of the log.
    mutating func take(_ event: RecordedEvent) {
        running.position = event.position
        if scope.includes(event) {
            running.events += 1
            running.digest.add(event)
        }
        while let next = wanted.first, next <= event.position {
            if next == event.position { found[next] = running }
            wanted = wanted.dropFirst()
        }
    }

    /// What the log comes to at a position; `nil` when it has not been read that far.
    subscript(position: GlobalPosition) -> CompletenessCertificate.Mark? { found[position] }

    /// The first stretch in which a certificate does not agree with the log; `nil` when it agrees.
    func suspect(in certificate: CompletenessCertificate) -> SuspectStretch? {
        var last = CompletenessCertificate.Mark.start
        for mark in certificate.marks where mark != last {
            guard let log = found[mark.position], log == mark else {
                return SuspectStretch(agreed: last, seen: mark, log: found[mark.position])
            }
            last = mark
        }
        return nil
    }
}

/// Where a certificate begins not to agree with the log.
struct SuspectStretch: Sendable, Hashable {
    /// The last mark that agrees.
    var agreed: CompletenessCertificate.Mark
    /// The first that does not.
    var seen: CompletenessCertificate.Mark
    /// What the log comes to there; `nil` when it ends before.
    var log: CompletenessCertificate.Mark?

    /// How many events the consumer has not seen; negative when it has seen more than there are.
    var missing: Int64 { (log?.events ?? 0) - seen.events }
}

/// Looks for the events that a consumer has not seen, if they follow one another: a batch that was passed over.
///
/// The digest is a sum, so the sum of a run that is missing is what the certificate lacks. Sums from the beginning on are compared, which
/// needs no subtraction.
struct MissingRun: Sendable {
    /// The longest run that is looked for, in events: it is kept in memory.
    static let limit: Int64 = 1 << 20

    private let length: Int
    private let seen: CompletenessDigest
    private let whole: CompletenessDigest
    private var running: CompletenessDigest
    /// The last events, each with the sum up to before it, a ring.
    private var before: [(position: GlobalPosition, sum: CompletenessDigest)] = []
    private var next = 0
    /// The first event of the run, once it is found.
    private(set) var first: GlobalPosition?

    /// - Returns: `nil` when nothing, or too much, is missing.
    init?(_ stretch: SuspectStretch) {
        guard let log = stretch.log, (1...Self.limit).contains(stretch.missing) else { return nil }
        length = Int(stretch.missing)
        seen = stretch.seen.digest
        whole = log.digest
        running = stretch.agreed.digest
    }

    /// Takes the next event of the stretch that the consumer has to see.
    mutating func take(_ event: RecordedEvent) {
        if before.count < length {
            before.append((event.position, running))
        } else {
            before[next] = (event.position, running)
            next = (next + 1) % length
        }
        running.add(event)
        guard first == nil, before.count == length else { return }
        // What was seen, and everything through this event, is the whole log and everything before the run.
        var (left, right) = (seen, whole)
        left.add(running)
        right.add(before[next].sum)
        if left == right { first = before[next].position }
    }
}
