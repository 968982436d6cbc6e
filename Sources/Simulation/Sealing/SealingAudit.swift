import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Synchronization

/// What must be true of a log with personal data: nothing of it is stored plain, what is erased is gone and on record, and nothing else is.
final class SealingAudit: Watcher {
    /// Begins every personal value of a world.
    static let secret = "secret"

    private struct State {
        /// When each key was destroyed, by the world's clock.
        var destroyed: [SubjectKeyID: Int64] = [:]
        /// Over the log as it grew.
        var digest = LogDigest.empty
    }

    let world: World
    let ledger: Ledger
    let orders: ErasureOrders
    private let masterKeys: MasterKeys?
    private let state = Mutex(State())

    init(_ world: World, _ ledger: Ledger, _ orders: ErasureOrders, _ masterKeys: [String]) {
        self.world = world
        self.ledger = ledger
        self.orders = orders
        self.masterKeys = try? MasterKeys(spellings: masterKeys)
    }

    func report(_ evidence: String) { world.report(Violation(.erasure, evidence)) }

    /// Whether a key was destroyed, and when.
    func destruction(of key: SubjectKeyID) -> Int64? { state.withLock { $0.destroyed[key] } }

    func committed(in database: SimulatedDatabase) {
        let log = database.withState { $0.log }
        state.withLock { state in
            let page = log.read(EventQuery(after: state.digest.position, limit: 1_000))
            for event in page.events { state.digest.add(event) }
        }
    }

    func destroyed(_ keys: [StoredSubjectKey], in database: SimulatedDatabase) {
        state.withLock { state in
            for key in keys where key.destruction != nil && state.destroyed[key.id] == nil {
                state.destroyed[key.id] = world.time
            }
        }
    }

    // MARK: While the world lives

    /// A reader with rights was handed events; it asked for them at `began`.
    func saw(_ events: EventBatch, since began: Int64, in database: SimulatedDatabase) {
        let log = database.withState { $0.log }
        let wanted = wantedData
        for event in events {
            guard let draft = wanted[event.id] else { continue }
            let opened = try? JSONValue(event.data)
            let isPlain = opened?.canonicalBytes() == (try? JSONValue(draft))?.canonicalBytes()
            let keys = Sealed.values(of: log.entries[Int(event.position.rawValue) - 1]).compactMap(\.id)
            let destroyed = keys.compactMap { destruction(of: $0) }.min()
            if isPlain {
                guard let destroyed, began > destroyed + SealingRoles.timeToLive.wholeMicroseconds else { continue }
                report("\(event.position) was read \(began - destroyed) µs after its key was destroyed")
            } else if destroyed == nil {
                report("\(event.position) does not read as it was written, and nobody erased it: \(event.dataText)")
            }
        }
    }

    /// Somebody repeated an append that was stored.
    func answered(_ outcome: AppendOutcome, toRepetitionOf receipt: AppendReceipt) {
        guard outcome != .repeated(receipt) else { return }
        report("a repetition of the append at \(receipt.first) was answered \(outcome)")
    }

    /// An erasure came to its end: its keys are gone, and every stream that held such data knows.
    func finished(_ outcome: ErasureOutcome, of subject: DataSubject, in database: SimulatedDatabase) {
        let log = database.withState { $0.log }
        switch outcome {
        case .unknownSubject: return
        case .erased(let event, _), .erasedBefore(let event, _):
            world.note("\(subject) is erased, keys \(event.keys)")
            for key in event.keys {
                let id = SubjectKeyID(workspace: .default, subject: subject, generation: key)
                if destruction(of: id) == nil { report("the receipt for \(subject) names key \(key), which lives") }
            }
            // Keys that somebody else has destroyed meanwhile are for that erasure to put on record.
            checkRecords(in: log, of: subject, through: event.through, keys: Set(event.keys))
        }
    }

    private var wantedData: [UUID: [UInt8]] {
        ledger.intents.reduce(into: [:]) { wanted, intent in
            for part in intent.request.streams { for event in part.events { wanted[event.id] = event.data } }
        }
    }
}

// MARK: At the end

extension SealingAudit {
    func conclude(_ database: SimulatedDatabase) {
        let (log, table) = database.withState { ($0.log, $0.keys) }
        for violation in LogAudit.violations(of: log, ledger) { world.report(violation) }
        checkDigest(of: log)
        checkKeys(table)
        let wanted = wantedData
        for entry in log.entries where entry.draft.type.rawValue == SealingRoles.type {
            check(entry, wanted[entry.draft.id], table)
        }
        for entry in log.entries where Self.holdsSecret(entry) { report("\(entry.position) holds plain text") }
        for subject in SealingRoles.subjects { checkRecords(in: log, of: subject, through: log.head) }
    }

    private func checkDigest(of log: InMemoryLog) {
        var digest = LogDigest.empty
        for event in log.read(EventQuery(after: .start, limit: 10_000)).events { digest.add(event) }
        guard digest != state.withLock({ $0.digest }) else { return }
        report("the log's digest is not what it was")
    }

    /// What was destroyed stays destroyed, nobody else's keys are, and of who was erased last nothing lives.
    private func checkKeys(_ table: SubjectKeyTable) {
        for key in table.all {
            let isOrdered = orders.concern(key.id.subject)
            switch (key.destruction != nil, destruction(of: key.id) != nil) {
            case (false, true): report("\(key.id) was destroyed and is back")
            case (true, _) where !isOrdered: report("\(key.id) is destroyed, and nobody asked for it")
            case (false, false) where isOrdered: report("\(key.id) lives although its subject was erased at the end")
            case (true, _), (false, false): break
            }
        }
    }

    /// What a reader with rights who knows nothing from before can see of an event.
    private func check(_ entry: InMemoryLog.Entry, _ wanted: [UInt8]?, _ table: SubjectKeyTable) {
        let values = Sealed.values(of: entry)
        guard !values.isEmpty else { return report("\(entry.position) is not sealed") }
        for value in values {
            guard let id = value.id, let stored = table.find([id]).first else {
                report("\(entry.position) is sealed with a key that is not there")
                continue
            }
            guard case .wrapped(let wrapped) = stored.state else { continue }
            let place = SealedPlace(workspace: .default, event: entry.draft.id, path: value.path)
            let plain = try? masterKeys?[wrapped.masterKey]?.unwrap(wrapped).open(value.sealed, at: place)
            let expected = wanted.flatMap { try? JSONValue($0) }?[value.path]
            if plain == nil || plain != expected { report("the value \(value.path) at \(entry.position) is lost") }
        }
    }

    private static func holdsSecret(_ entry: InMemoryLog.Entry) -> Bool {
        String(decoding: entry.draft.data + entry.draft.metadata, as: UTF8.self).contains(secret)
    }

    /// Every stream that holds data sealed with destroyed keys, up to a position, says behind them that they were destroyed.
    ///
    /// - Parameter keys: the keys that count; all when `nil`.
    private func checkRecords(
        in log: InMemoryLog, of subject: DataSubject, through position: GlobalPosition, keys: Set<Int32>? = nil
    ) {
        var open: [StreamName: Set<Int32>] = [:]
        for entry in log.entries where entry.position <= position || entry.draft.type == SubjectEvent.erasedType {
            if entry.draft.type == SubjectEvent.erasedType {
                guard let event = Sealed.record(in: entry), event.subject == subject else { continue }
                open[entry.stream]?.subtract(event.keys)
            }
            for id in Sealed.values(of: entry).compactMap(\.id) where id.subject == subject {
                guard destruction(of: id) != nil, keys?.contains(id.generation) ?? true else { continue }
                open[entry.stream, default: []].insert(id.generation)
            }
        }
        for (stream, keys) in open.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where !keys.isEmpty {
            report(
                "\(stream) holds data of \(subject) sealed with destroyed keys \(keys.sorted()), and no record of it")
        }
    }
}
