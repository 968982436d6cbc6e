import EventModel
import EventSourcing

/// The subjects' keys as a value: PostgreSQL's table, without a server. Every method is one transaction.
public struct SubjectKeyTable: Sendable {
    private struct Owner: Hashable {
        let workspace: Workspace
        let subject: DataSubject
    }

    private var keys: [Owner: [StoredSubjectKey]] = [:]
    /// In the order of their first keys.
    private var owners: [Owner] = []

    /// No keys.
    public init() {}

    /// Every key, by owner and generation.
    public var all: [StoredSubjectKey] { owners.flatMap { keys[$0] ?? [] } }

    /// See ``EventSourcing/SubjectKeyStore/newestKeys(of:in:)``.
    public func newest(of subjects: [DataSubject], in workspace: Workspace) -> [StoredSubjectKey] {
        subjects.compactMap { keys[Owner(workspace: workspace, subject: $0)]?.last }
    }

    /// See ``EventSourcing/SubjectKeyStore/allKeys(of:in:)``.
    public func all(of subject: DataSubject, in workspace: Workspace) -> [StoredSubjectKey] {
        keys[Owner(workspace: workspace, subject: subject)] ?? []
    }

    /// See ``EventSourcing/SubjectKeyStore/keys(_:)``.
    public func find(_ ids: [SubjectKeyID]) -> [StoredSubjectKey] {
        ids.compactMap { id in all(of: id.subject, in: id.workspace).first { $0.id == id } }
    }

    /// See ``EventSourcing/SubjectKeyStore/create(_:)``.
    public mutating func create(_ new: [WrappedKey]) -> [StoredSubjectKey] {
        new.compactMap { key in
            let own = all(of: key.id.subject, in: key.id.workspace)
            if own.allSatisfy({ $0.destruction != nil && $0.id != key.id }) {
                put(StoredSubjectKey(id: key.id, state: .wrapped(key)))
            }
            return all(of: key.id.subject, in: key.id.workspace).last
        }
    }

    /// See ``EventSourcing/SubjectKeyStore/destroyKeys(of:in:by:because:)``.
    public mutating func destroyKeys(
        of subject: DataSubject, in workspace: Workspace, _ destruction: KeyDestruction
    ) -> [StoredSubjectKey] {
        for key in all(of: subject, in: workspace) where key.destruction == nil {
            put(StoredSubjectKey(id: key.id, state: .destroyed(destruction)))
        }
        return all(of: subject, in: workspace)
    }

    /// See ``EventSourcing/SubjectKeyStore/rewrap(_:)``.
    public mutating func rewrap(_ changes: [KeyRewrapping]) -> Int {
        changes.count { change in
            guard find([change.old.id]).first?.state == .wrapped(change.old) else { return false }
            put(StoredSubjectKey(id: change.new.id, state: .wrapped(change.new)))
            return true
        }
    }

    /// Writes a row, whatever stands there: what the transactions above are made of.
    public mutating func put(_ key: StoredSubjectKey) {
        let owner = Owner(workspace: key.id.workspace, subject: key.id.subject)
        if keys[owner] == nil { owners.append(owner) }
        if let index = keys[owner]?.firstIndex(where: { $0.id == key.id }) {
            keys[owner]?[index] = key
        } else {
            keys[owner, default: []].append(key)
        }
    }

    /// The keys that are not destroyed and fulfil a condition.
    public func living(where isWanted: (WrappedKey) -> Bool) -> [WrappedKey] {
        all.compactMap { stored in
            guard case .wrapped(let key) = stored.state, isWanted(key) else { return nil }
            return key
        }
    }

    /// See ``EventSourcing/SubjectKeyStore/keyCensus()``.
    public var census: KeyCensus {
        all.reduce(into: KeyCensus()) { census, key in
            switch key.state {
            case .wrapped(let key): census.live[key.masterKey, default: 0] += 1
            case .destroyed: census.destroyed += 1
            }
        }
    }
}
