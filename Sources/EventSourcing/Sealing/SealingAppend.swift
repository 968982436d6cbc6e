import EventModel
import FoundationEssentials

extension SealingEventStore {
    /// Seals what is marked and appends. Whatever the log would refuse is refused before a key is made for it.
    func appendSealing(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        do throws(AppendFlaw) { _ = try CheckedAppend(request) } catch { throw .refused(error) }
        let payloads: SealablePayloads
        do throws(AppendFlaw) { payloads = try SealablePayloads(request, marks) } catch { throw .refused(error) }
        guard !payloads.subjects.isEmpty else { return try await base.append(request) }

        var found = try await keys.sealingKeys(of: payloads.subjects, in: request.workspace)
        let erased = Self.withoutKey(found)
        if !erased.isEmpty {
            // A retry from before the erasure must not become a second event, and needs no new key.
            if let receipt = try await receiptFromBeforeErasure(of: request, payloads) { return .repeated(receipt) }
            found.merge(try await keys.freshKeys(of: erased, in: request.workspace)) { _, fresh in fresh }
        }
        let sealed = try payloads.sealed(with: found)
        do throws(StoreError) {
            return try await base.append(sealed)
        } catch .refused(.idReused(let id, let position)) {
            // It was sealed with another key than the one held here: with one from before an erasure, or with one from behind an erasure that
            // this process has not heard of yet.
            guard let receipt = try await receipt(of: request, payloads, whereEventIsAt: (id, position)) else {
                throw .refused(.idReused(id: id, at: position))
            }
            return .repeated(receipt)
        }
    }

    private static func withoutKey(_ keys: [DataSubject: SubjectKeyring.SealingKey]) -> [DataSubject: Int32] {
        keys.compactMapValues { key in
            guard case .none(let generation) = key else { return nil }
            return generation
        }
    }
}

/// The payloads of an append that hold something to seal.
struct SealablePayloads {
    /// A payload with its marks.
    struct Payload {
        let value: JSONValue
        let places: MarkedPlaces
    }

    let request: AppendRequest
    /// By the event's id.
    let payloads: [UUID: Payload]
    /// Whose data they hold.
    let subjects: Set<DataSubject>

    /// - Throws: ``AppendFlaw`` when data are not JSON, or name a subject that cannot be one.
    init(_ request: AppendRequest, _ marks: PersonalMarks) throws(AppendFlaw) {
        self.request = request
        var payloads: [UUID: Payload] = [:]
        var subjects: Set<DataSubject> = []
        for part in request.streams {
            for event in part.events {
                guard let places = marks[event.type, event.schemaVersion] else { continue }
                let value: JSONValue
                do throws(JSONFlaw) { value = try JSONValue(event.data) } catch {
                    throw .invalidData(id: event.id, error)
                }
                let named = try Self.subjects(of: value, places, event.id, part.stream, request.workspace)
                guard !named.isEmpty else { continue }
                payloads[event.id] = Payload(value: value, places: places)
                subjects.formUnion(named)
            }
        }
        self.payloads = payloads
        self.subjects = subjects
    }

    private static func subjects(
        of value: JSONValue, _ places: MarkedPlaces, _ id: UUID, _ stream: StreamName, _ workspace: Workspace
    ) throws(AppendFlaw) -> Set<DataSubject> {
        var subjects: Set<DataSubject> = []
        _ = try places.replacing(in: value) { (place, subject, _) throws(AppendFlaw) in
            do throws(SubjectFlaw) {
                subjects.insert(try subject.resolved(in: value, stream: stream, workspace: workspace))
            } catch {
                throw .unsealable(id: id, .subject(error))
            }
            return place
        }
        return subjects
    }

    /// The request with sealed payloads.
    func sealed(with keys: [DataSubject: SubjectKeyring.SealingKey]) throws(StoreError) -> AppendRequest {
        var sealed = request
        for part in sealed.streams.indices {
            for index in sealed.streams[part].events.indices {
                let event = sealed.streams[part].events[index]
                guard let payload = payloads[event.id] else { continue }
                sealed.streams[part].events[index].data = try seal(
                    payload, of: event.id, in: sealed.streams[part].stream, with: keys
                ).canonicalBytes()
            }
        }
        return sealed
    }

    private func seal(
        _ payload: Payload, of id: UUID, in stream: StreamName, with keys: [DataSubject: SubjectKeyring.SealingKey]
    ) throws(StoreError) -> JSONValue {
        try payload.places.replacing(in: payload.value) { (value, subject, path) throws(StoreError) in
            do {
                let owner = try subject.resolved(in: payload.value, stream: stream, workspace: request.workspace)
                guard case .key(let key) = keys[owner] else { throw StoreError.keys(.cipher) }
                return try key.seal(value, at: SealedPlace(workspace: request.workspace, event: id, path: path)).value
            } catch let error as StoreError {
                throw error
            } catch let flaw as SubjectFlaw {
                throw .refused(.unsealable(id: id, .subject(flaw)))
            } catch {
                throw .keys(.cipher)
            }
        }
    }
}
