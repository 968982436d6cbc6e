import EventModel
import EventSourcing
import FoundationEssentials

/// Takes in what is said from outside about the workflows and journeys of a workspace: reads it, lets the domains decide, and appends what
/// they make of it.
///
/// Taking the same message in twice appends nothing twice. A message that cannot be taken in is answered with the reason, and its neighbours
/// go on. Messages of one stream are handled in order; what arrives out of order is for the domains to sort out.
public struct InboundDesk<Ledger: InboundLedger>: Sendable {
    /// The tenant.
    public let workspace: Workspace
    private let sides: [any SideDesk]
    private let ledger: Ledger
    private let preparation: @Sendable () async throws(StoreError) -> Void

    init(
        workspace: Workspace, sides: [any SideDesk], ledger: Ledger,
        preparation: @escaping @Sendable () async throws(StoreError) -> Void = { () async throws(StoreError) in }
    ) {
        self.preparation = preparation
        self.workspace = workspace
        self.sides = sides
        self.ledger = ledger
    }

    /// Looks up what reading needs to know of the log: which mappings are active. Ask for it before each reading.
    public func prepare() async throws(StoreError) { try await preparation() }

    /// Reads messages; nothing is decided and nobody is asked. Costs processor time only, so it can go on while others are being settled.
    public func read(_ messages: [InboundMessage]) -> InboundReading {
        InboundReading(messages: messages.map { InboundReading.Entry(message: $0, result: read($0)) })
    }

    private func read(_ message: InboundMessage) -> Result<InboundReading.Content, InboundRejection> {
        Result { () throws(InboundRejection) in try content(of: message) }
    }

    private func content(of message: InboundMessage) throws(InboundRejection) -> InboundReading.Content {
        guard !message.payload.isEmpty else { throw InboundRejection(.empty, "the message has no content") }
        guard message.payload.count <= InboundLimits.payloadBytes else {
            throw InboundRejection(
                .tooLarge, "the payload has \(message.payload.count) bytes, the limit is \(InboundLimits.payloadBytes)")
        }
        let value: JSONValue
        let limits = JSONLimits(bytes: InboundLimits.payloadBytes, depth: JSONLimits.deepest)
        do throws(JSONFlaw) { value = try JSONValue(message.payload, limits: limits) } catch {
            throw InboundRejection(.notJSON, "the payload is not JSON: \(error)")
        }
        guard CloudEnvelope.isOne(value) else { return try content(value, isWhole: true, of: message) }
        let envelope = try CloudEnvelope(value)
        var message = message
        if message.key.origin != .named { message.key = InboundKey(source: envelope.source, id: envelope.id) }
        message.occurredAt = message.occurredAt ?? envelope.time
        return try content(envelope.data, isWhole: false, of: message)
    }

    private func content(
        _ payload: JSONValue, isWhole: Bool, of message: InboundMessage
    ) throws(InboundRejection) -> InboundReading.Content {
        guard let side = sides.indices.first(where: { sides[$0].recognises(payload) }) else {
            let members = payload.object?.keys.prefix(12).joined(separator: ", ") ?? "a \(payload.kind)"
            throw InboundRejection(.unknownForm, "the payload is of no form that is known; it has \(members)")
        }
        do throws(InboundRejection) {
            let work = try sides[side].read(payload, isWhole: isWhole, of: message)
            return InboundReading.Content(side: side, key: message.key, work: work)
        } catch {
            throw error.code == .unknownForm ? error : error.on(sides[side].kind)
        }
    }
}

// MARK: Settling

extension InboundDesk {
    /// Lets the domains decide, and appends. Messages of a known name are recognised.
    ///
    /// - Returns: the verdicts in the order of the messages, and what is to be remembered of them once refused ones are kept.
    /// - Throws: the fault of the log. Some messages may have been appended: settle the same messages again.
    public func settle(_ reading: InboundReading) async throws(StoreError) -> InboundSettlement {
        let named = reading.messages.compactMap { entry in entry.key.origin == .named ? entry.key : nil }
        var known = named.isEmpty ? [:] : try await ledger.fingerprints(of: named, in: workspace)
        var settlement = InboundSettlement()
        var rest = reading.messages[...]
        while !rest.isEmpty {
            let part = Self.withoutContradiction(rest)
            try await settle(part, knowing: &known, into: &settlement)
            rest = rest[part.endIndex...]
        }
        return settlement
    }

    /// The messages up to the first whose name an earlier one of them has used for other content: that one must be settled first.
    private static func withoutContradiction(
        _ entries: ArraySlice<InboundReading.Entry>
    ) -> ArraySlice<InboundReading.Entry> {
        var seen: [UUID: InboundFingerprint] = [:]
        for index in entries.indices where entries[index].key.origin == .named {
            let entry = entries[index]
            let first = seen.updateValue(entry.fingerprint, forKey: entry.key.id)
            if let first, first != entry.fingerprint { return entries[..<index] }
        }
        return entries
    }

    private func settle(
        _ entries: ArraySlice<InboundReading.Entry>, knowing known: inout [InboundKey: InboundFingerprint],
        into settlement: inout InboundSettlement
    ) async throws(StoreError) {
        var verdicts = [InboundVerdict?](repeating: nil, count: entries.count)
        var places = [[(place: Int, work: any SideWork)]](repeating: [], count: sides.count)
        for (place, entry) in entries.enumerated() {
            if let verdict = verdict(on: entry, knowing: known) {
                verdicts[place] = verdict
            } else if case .success(let content) = entry.result {
                places[content.side].append((place, content.work))
            }
        }
        for (place, verdict) in try await handle(places) { verdicts[place] = verdict }
        for (entry, verdict) in zip(entries, verdicts) {
            guard let verdict else {
                // A mistake of ours: the reader stands still and says so, and the other roles of the process go on.
                throw .failed(reason: "a message was neither recognised, refused nor handled")
            }
            settlement.verdicts.append(verdict)
            guard entry.key.origin == .named, verdict.rejection == nil, known[entry.key] == nil else { continue }
            known[entry.key] = entry.fingerprint
            settlement.entries.append(InboundEntry(key: entry.key, fingerprint: entry.fingerprint))
        }
    }

    /// What can be said without asking a domain.
    private func verdict(
        on entry: InboundReading.Entry, knowing known: [InboundKey: InboundFingerprint]
    ) -> InboundVerdict? {
        let kind = entry.kind(among: sides)
        if entry.key.origin == .named, let content = known[entry.key] {
            guard content != entry.fingerprint else { return InboundVerdict(.noNews, kind: kind, events: 0) }
            return InboundVerdict(
                .rejected(InboundRejection(.keyReused, "an earlier message of this name had other content")),
                kind: kind,
                events: 0)
        }
        switch entry.result {
        case .failure(let rejection): return InboundVerdict(.rejected(rejection), kind: rejection.kind, events: 0)
        case .success(let content):
            return content.work.count == 0 ? InboundVerdict(.noNews, kind: kind, events: 0) : nil
        }
    }

    /// Each side handles its messages in order; the sides do not wait for one another.
    private func handle(
        _ places: [[(place: Int, work: any SideWork)]]
    ) async throws(StoreError) -> [(Int, InboundVerdict)] {
        let results = await withTaskGroup(of: (Int, [SideResult]).self) { group in
            for (side, list) in places.enumerated() where !list.isEmpty {
                let (desk, work) = (sides[side], list.map(\.work))
                group.addTask { (side, await desk.handle(work)) }
            }
            return await group.reduce(into: [Int: [SideResult]]()) { $0[$1.0] = $1.1 }
        }
        var verdicts: [(Int, InboundVerdict)] = []
        for (side, list) in places.enumerated() {
            for ((place, _), result) in zip(list, results[side] ?? []) {
                if let fault = result.fault { throw fault }
                verdicts.append((place, InboundVerdict(result, kind: sides[side].kind)))
            }
        }
        return verdicts
    }
}

extension InboundVerdict {
    fileprivate init(_ result: SideResult, kind: String) {
        let outcome: Outcome =
            if let rejection = result.rejection { .rejected(rejection) } else {
                result.events > 0 ? .appended : .noNews
            }
        self.init(outcome, kind: kind, events: result.events)
    }
}
