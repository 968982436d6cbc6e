import EventModel
import FoundationEssentials

/// What is known about the two sides of one execution together: a fold of `reconciliation-<execution>`.
public struct Ledger: Equatable, Sendable {
    /// An effect whose end is not known.
    public struct Pending: Equatable, Sendable {
        /// The effect.
        public let effect: Effect
        /// How far it has come.
        public internal(set) var progress: EffectProgress
        /// How often it was tried.
        public internal(set) var times = 0

        /// An effect that nobody has tried.
        public init(effect: Effect, progress: EffectProgress) {
            self.effect = effect
            self.progress = progress
        }

        /// Whether anybody has tried.
        public var isTried: Bool { progress != .requested }

        /// This effect once it is on record that it is tried now.
        public var sent: Pending {
            var sent = self
            sent.times += 1
            sent.progress = .sent(times: sent.times)
            return sent
        }

        /// This effect once it is on record that nobody knows what became of it.
        public func doubted(_ because: String) -> Pending {
            var doubted = self
            doubted.progress = .unknown(because: because)
            return doubted
        }
    }

    /// What a field has been through since both sides last agreed about it.
    struct Track: Equatable, Sendable {
        /// Effects that came to nothing.
        var failures = 0
        /// When the last of them was known to.
        var failedAt: Timestamp?
        /// The contested decisions, the latest last.
        var contested: [Contest] = []
    }

    /// A decision by which one side was overruled.
    struct Contest: Equatable, Sendable {
        let id: UUID
        let at: Timestamp
    }

    /// What both sides agreed on last.
    public internal(set) var base = Agreement()
    /// Effects whose end is not known, in the order in which they were requested.
    public internal(set) var pending: [Pending] = []
    /// The conflicts that wait for a person.
    public internal(set) var queue: [FieldPath: QueuedConflict] = [:]
    /// The differences that stay.
    public internal(set) var accepted: [FieldPath: AcceptedDivergence] = [:]
    /// Who has taken over what, the latest last; each pattern once.
    public internal(set) var handOvers: [HandOver] = []
    /// What was found when neither side had moved for long, if nothing was decided since. Whether it still holds, the sides' versions say:
    /// ``isStale(at:)``.
    public internal(set) var stale: WentStale?
    var tracks: [FieldPath: Track] = [:]
    /// What persons have decided last and the sides may still have to come to, each field once.
    var words: [FieldPath: StandingWord] = [:]

    /// Nothing has happened between the sides.
    public init() {}

    /// The effect, while it is pending.
    public subscript(_ effect: UUID) -> Pending? { pending.first { $0.effect.id == effect } }

    /// Who owns what by what was handed over, in the order in which it was. The places are those among ``handOvers``, not in the log.
    var ownership: Ownership {
        Ownership(
            handOvers.enumerated().map { place, handOver in
                Ownership.Handover(
                    handOver.pattern, to: handOver.owner, since: Origin(GlobalPosition(Int64(place + 1))))
            })
    }

    /// Whether an effect that is to settle a field, or a part of it, is pending.
    func isPending(_ path: FieldPath) -> Bool {
        pending.contains { $0.effect.fields.contains { $0.field == path.field } }
    }

    /// Whether a side has still to do what it was told.
    public func isPending(_ side: Side) -> Bool { pending.contains { $0.effect.side == side } }
}

extension Ledger {
    /// Takes up one more event, in place. An event that does not fit changes nothing.
    public mutating func receive(_ event: ReconciliationEvent) {
        if event.wakes { stale = nil }
        switch event {
        case .agreed(let event): agree(event.fields)
        case .resolved(let receipt, _): take(receipt)
        case .conflictQueued(let conflict, _):
            queue[conflict.finding.path] = conflict
            // What a person has decided and nobody could be brought to goes on being what they want.
            guard words[conflict.finding.path] == nil || conflict.isForRules else { break }
            accepted[conflict.finding.path] = nil
            words[conflict.finding.path] = nil
        case .conflictLapsed(let event): leave(event.conflict)
        case .divergenceAccepted(let divergence, _): accept(divergence)
        case .effectRequested(let effect, _):
            if self[effect.id] == nil { pending.append(Pending(effect: effect, progress: .requested)) }
        case .effectSent(let event):
            update(event.effect) {
                $0.progress = .sent(times: event.times)
                $0.times = event.times
            }
        case .effectUnknown(let event): update(event.effect) { $0.progress = .unknown(because: event.because) }
        case .effectConfirmed(let event): confirm(event)
        case .effectStale(let event): fail(event)
        case .ownershipTaken(let event):
            handOvers.removeAll { $0.pattern == event.pattern }
            handOvers.append(event)
        case .wentStale(let event): stale = event
        }
    }

    private mutating func update(_ effect: UUID, _ change: (inout Pending) -> Void) {
        guard let place = pending.firstIndex(where: { $0.effect.id == effect }) else { return }
        change(&pending[place])
    }

    /// Agreement ends what was said about a field's difference; that it was contested is remembered, because sides that flap agree in between.
    private mutating func agree(_ fields: [AgreedField]) {
        base.settle(fields.map { ($0.path, $0.value) })
        for field in fields {
            forget(field.path)
            tracks[field.path]?.failures = 0
            tracks[field.path]?.failedAt = nil
            if tracks[field.path]?.contested.isEmpty == true { tracks[field.path] = nil }
        }
    }

    private mutating func take(_ receipt: Receipt) {
        let path = receipt.finding.path
        queue[path] = nil
        base.forget(path)
        forget(path)
        switch receipt.cause {
        case .person(let conflict):
            leave(conflict)
            insist(on: receipt)
        case .flip: insist(on: receipt)
        case .comparison:
            guard receipt.isContested else { return }
            let contests = (tracks[path]?.contested ?? []) + [Contest(id: receipt.id, at: receipt.at)]
            tracks[path, default: Track()].contested = contests.suffix(LedgerLimits.contests)
            forget()
        }
    }

    /// A person's word begins a new count. Where nobody has to be told of it, it is carried out.
    private mutating func insist(on receipt: Receipt) {
        tracks[receipt.finding.path] = nil
        guard !receipt.effects.isEmpty else { return }
        words[receipt.finding.path] = StandingWord(receipt: receipt)
        guard words.count > LedgerLimits.remembered,
            let oldest = words.min(by: { ($0.value.receipt.at, $0.key) < ($1.value.receipt.at, $1.key) })
        else { return }
        words[oldest.key] = nil
    }

    private mutating func accept(_ divergence: AcceptedDivergence) {
        let finding = divergence.finding
        let word = words[finding.path].flatMap { $0.includes(finding) ? $0 : nil }
        forget(finding.path)
        words[finding.path] = word
        base.accept(Agreement.Difference(finding.path, workflow: finding.workflow, journey: finding.journey))
        accepted[finding.path] = divergence
        queue[finding.path] = nil
        if let conflict = divergence.conflict { leave(conflict) }
        tracks[finding.path] = nil
    }

    /// What was said of a field, of what is inside of it and of what it is in, holds no more.
    private mutating func forget(_ path: FieldPath) {
        for other in accepted.keys where other.overlaps(path) { accepted[other] = nil }
        for other in words.keys where other.overlaps(path) { words[other] = nil }
    }

    /// A conflict waits no more. Its own id says which: of names that cannot be read any more its path says nothing.
    private mutating func leave(_ conflict: UUID) { queue = queue.filter { $0.value.id != conflict } }

    /// What was carried out and does not bring the sides together is as good as what was not; agreement, which is recorded with it, begins a new count.
    private mutating func confirm(_ event: EffectConfirmed) {
        guard let ended = self[event.effect] else { return }
        pending.removeAll { $0.effect.id == event.effect }
        for path in ended.effect.fields
        where words[path].map({ ended.effect.resolutions.contains($0.receipt.id) }) == true {
            words[path]?.told.insert(ended.effect.side)
        }
        count(ended.effect.fields, at: event.at)
    }

    private mutating func count(_ fields: [FieldPath], at moment: Timestamp) {
        for path in fields {
            tracks[path, default: Track()].failures += 1
            tracks[path]?.failedAt = moment
        }
        forget()
    }

    private mutating func fail(_ event: EffectStale) {
        guard let ended = self[event.effect] else { return }
        pending.removeAll { $0.effect.id == event.effect }
        // What nobody has tried says nothing about the side.
        guard ended.isTried else { return }
        count(ended.effect.fields, at: event.at)
    }

    /// Keeps what is remembered within ``LedgerLimits/remembered``.
    private mutating func forget() {
        while tracks.count > LedgerLimits.remembered,
            let oldest = tracks.min(by: { ($0.value.latest, $0.key) < ($1.value.latest, $1.key) })
        {
            tracks[oldest.key] = nil
        }
    }
}

extension ReconciliationEvent {
    /// Whether something follows from it that has to be looked at, although neither side has moved.
    fileprivate var wakes: Bool {
        switch self {
        case .resolved, .divergenceAccepted, .effectRequested, .ownershipTaken: true
        case .agreed, .conflictQueued, .conflictLapsed, .effectSent, .effectUnknown, .effectConfirmed, .effectStale,
            .wentStale:
            false
        }
    }
}

extension Ledger.Track {
    fileprivate var latest: Timestamp { max(failedAt ?? .earliest, contested.last?.at ?? .earliest) }

    /// The contested decisions within a time before now.
    func contested(within window: Duration, before now: Timestamp) -> [UUID] {
        contested.filter { $0.at.duration(to: now) <= window }.map(\.id)
    }
}
