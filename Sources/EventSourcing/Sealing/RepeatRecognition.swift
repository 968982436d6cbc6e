import EventModel
import FoundationEssentials

/// Recognises a retry of an append whose personal data were erased meanwhile: they cannot be sealed again as they were.
extension SealingEventStore {
    /// The first receipt of `request` when the log has it; `nil` when it has none of it.
    ///
    /// The look costs one append that can never succeed: the log finds repeats by id before it looks at versions, and nothing personal is
    /// sent. Only requests about subjects without a living key pay for it.
    func receiptFromBeforeErasure(
        of request: AppendRequest, _ payloads: SealablePayloads
    ) async throws(StoreError) -> AppendReceipt? {
        var probe = request
        for part in probe.streams.indices {
            probe.streams[part].expected = .exactly(StreamVersion(.max))
            for index in probe.streams[part].events.indices {
                probe.streams[part].events[index].data = Array("{}".utf8)
                probe.streams[part].events[index].metadata = EventDraft.noMetadata
            }
        }
        do throws(StoreError) {
            switch try await base.append(probe) {
            case .conflict: return nil
            case .appended(let receipt), .repeated(let receipt): return receipt
            }
        } catch .refused(.idReused(let id, let position)) {
            guard let receipt = try await receipt(of: request, payloads, whereEventIsAt: (id, position)) else {
                throw .refused(.idReused(id: id, at: position))
            }
            return receipt
        }
    }

    /// The receipt of `request` when the log holds it, all of it and together, around the known place of one of its events, and what can
    /// still be compared is the same.
    func receipt(
        of request: AppendRequest, _ payloads: SealablePayloads, whereEventIsAt known: (id: UUID, GlobalPosition)
    ) async throws(StoreError) -> AppendReceipt? {
        let drafts = request.streams.flatMap(\.events)
        guard let index = drafts.firstIndex(where: { $0.id == known.id }) else { return nil }
        let first = GlobalPosition(known.1.rawValue - Int64(index))
        guard first > .start else { return nil }
        let stored = try await events(from: first, count: drafts.count)
        guard stored.count == drafts.count else { return nil }
        let opening = try await keys.openingKeys(named(in: stored))
        var versions: [StreamVersion] = []
        var place = 0
        for part in request.streams {
            for draft in part.events {
                let event = stored[place]
                guard event.id == draft.id, event.stream == part.stream, event.workspace == request.workspace,
                    event.type == draft.type, event.schemaVersion == draft.schemaVersion,
                    try isSame(event, draft, payloads, opening)
                else { return nil }
                place += 1
            }
            versions.append(stored[place - 1].version)
        }
        return AppendReceipt(first: first, last: stored[place - 1].position, versions: versions)
    }

    private func events(from first: GlobalPosition, count: Int) async throws(StoreError) -> [RecordedEvent] {
        let before = GlobalPosition(first.rawValue - 1)
        var events: [RecordedEvent] = []
        var next: EventQuery? = EventQuery(after: before, through: before.advanced(by: count), limit: count)
        while let query = next {
            let page = try await base.read(query)
            events += page.events
            next = query.next(after: page)
        }
        return events
    }

    private func named(in events: [RecordedEvent]) throws(StoreError) -> Set<SubjectKeyID> {
        var ids: Set<SubjectKeyID> = []
        for event in events {
            guard let places = marks[event.type, event.schemaVersion] else { continue }
            ids.formUnion(BatchOpening.keys(named: try BatchOpening.value(of: event), places, in: event.workspace))
        }
        return ids
    }

    /// Whether the stored event is the draft, as far as anybody can still say.
    private func isSame(
        _ event: RecordedEvent, _ draft: EventDraft, _ payloads: SealablePayloads,
        _ keys: [SubjectKeyID: SubjectKeyring.OpeningKey]
    ) throws(StoreError) -> Bool {
        guard let payload = payloads.payloads[draft.id] else { return event.withData { $0.elementsEqual(draft.data) } }
        let opened = try BatchOpening.opened(BatchOpening.value(of: event), of: event, payload.places, with: keys)
        // Where the stored value is erased, the draft's own cannot be compared any more.
        let wanted = payload.places.replacing(in: payload.value) { (value, _, path) throws(Never) in
            guard let left = opened[path], left.erasedSubject != nil else { return value }
            return left
        }
        return opened.canonicalBytes() == wanted.canonicalBytes()
    }
}
