import EventModel
import FoundationEssentials

/// Seals refused records under the key of their workspace, and opens them again: what is refused may hold anything, messages of people too,
/// and nobody knows whose. Erasing the workspace destroys it.
///
/// The sealed form is a JSON array of sealed values, each of a part of the record, because a sealed value holds one payload at most.
public struct RejectionSealing: Sendable {
    /// What a sealed record turns out to be.
    public enum Opened: Sendable, Hashable {
        /// The record.
        case record(InboundRecord)
        /// The key was destroyed, and the record with it.
        case destroyed
    }

    /// Bytes of a record in one sealed value.
    static let partBytes = 512 * 1_024

    private let keys: SubjectKeyring

    /// Sealing with the keys of `keys`.
    public init(_ keys: SubjectKeyring) { self.keys = keys }

    /// Sealing with the keys of a log.
    public init<Base>(_ log: SealingEventStore<Base>) { self.init(log.keys) }

    /// A record of this workspace, sealed. The same record at the same place seals to the same bytes while the key is the same.
    ///
    /// - Throws: ``StoreError/keys(_:)`` when no key can be had; it is never kept plain.
    public func seal(
        _ record: InboundRecord, at place: InboundPlace, in workspace: Workspace
    ) async throws(StoreError) -> [UInt8] {
        let key = try await sealingKey(of: workspace)
        let (bytes, id) = (record.encoded, place.key.id)
        var parts: [JSONValue] = []
        for start in stride(from: 0, to: bytes.count, by: Self.partBytes) {
            let part = Data(bytes[start..<min(start + Self.partBytes, bytes.count)]).base64EncodedString()
            do throws(SealFault) {
                parts.append(try key.seal(.string(part), at: Self.place(parts.count, of: id, in: workspace)).value)
            } catch {
                throw .keys(.cipher)
            }
        }
        return JSONValue.array(parts).canonicalBytes()
    }

    private func sealingKey(of workspace: Workspace) async throws(StoreError) -> SubjectKey {
        let subject = DataSubject.workspace(workspace)
        var found = try await keys.sealingKeys(of: [subject], in: workspace)[subject]
        if case .none(let generation)? = found {
            found = try await keys.freshKeys(of: [subject: generation], in: workspace)[subject]
        }
        guard case .key(let key)? = found else { throw .keys(.cipher) }
        return key
    }

    /// The record of a message that was kept.
    ///
    /// - Throws: ``StoreError/keys(_:)`` when no key can be had, ``StoreError/failed(reason:)`` when it was altered.
    public func open(_ message: RejectedMessage) async throws(StoreError) -> Opened {
        var bytes: [UInt8] = []
        for (index, sealed) in try Self.parts(of: message).enumerated() {
            guard let id = SubjectKeyID(sealed, in: message.workspace) else { throw Self.altered(message) }
            switch try await keys.openingKeys([id])[id] {
            case .destroyed: return .destroyed
            case nil: throw Self.altered(message)
            case .key(let key):
                let place = Self.place(index, of: message.id, in: message.workspace)
                guard let text = (try? key.open(sealed, at: place))?.string, let part = Data(base64Encoded: text) else {
                    throw Self.altered(message)
                }
                bytes += part
            }
        }
        guard let record = InboundRecord(encoded: bytes) else { throw Self.altered(message) }
        return .record(record)
    }

    private static func parts(of message: RejectedMessage) throws(StoreError) -> [SealedValue] {
        let limits = JSONLimits(bytes: JSONLimits.largest, depth: 4)
        guard let values = (try? JSONValue(message.sealed, limits: limits))?.array, !values.isEmpty else {
            throw altered(message)
        }
        let parts = values.compactMap { SealedValue($0) }
        guard parts.count == values.count else { throw altered(message) }
        return parts
    }

    private static func place(_ part: Int, of id: UUID, in workspace: Workspace) -> SealedPlace {
        SealedPlace(workspace: workspace, event: id, path: JSONPath.root["rejected"][part])
    }

    private static func altered(_ message: RejectedMessage) -> StoreError {
        .failed(reason: "the refused message \(message.id.uuidString.lowercased()) was altered where it is kept")
    }
}
