/// A way in which the rows that this program writes differ from those that a stored fingerprint stands for.
public enum FingerprintDifference: Sendable, Hashable {
    /// They are of another projection or another version: that is another generation, and no mistake.
    case generation(stored: String, found: String)
    /// The table has another shape.
    case table
    /// Other events are taken; each as ``ProjectionFingerprint/interest`` names it.
    case interest(added: [String], removed: [String])
    /// The fold makes something else of these samples.
    case fold(samples: [String])
    /// The stored one was made by a program that knows these samples, which this one does not: this program is older.
    case unknownSamples([String])
}

extension ProjectionFingerprint {
    /// How the rows of this program differ from those that `stored` stands for; empty when they do not.
    ///
    /// A type of event that is new altogether is no difference for a projection that takes every event, or every event of a category:
    /// no row can be of an event that did not exist. Keep the newer fingerprint then.
    public func differences(from stored: ProjectionFingerprint) -> [FingerprintDifference] {
        guard projection == stored.projection, version == stored.version else {
            return [
                .generation(
                    stored: "\(stored.projection) version \(stored.version)", found: "\(projection) version \(version)")
            ]
        }
        var found: [FingerprintDifference] = []
        if table != stored.table { found.append(.table) }
        let added = interest.filter { !stored.interest.contains($0) }
        let removed = stored.interest.filter { !interest.contains($0) }
        if !added.isEmpty || !removed.isEmpty { found.append(.interest(added: added, removed: removed)) }
        let changed = stored.folds.filter { folds[$0.key] != nil && folds[$0.key] != $0.value }.keys.sorted()
        if !changed.isEmpty { found.append(.fold(samples: changed)) }
        let unknown = stored.folds.keys.filter { folds[$0] == nil }.sorted()
        if !unknown.isEmpty { found.append(.unknownSamples(unknown)) }
        return found
    }
}

extension FingerprintDifference: CustomStringConvertible {
    /// What differs, as a part of a sentence.
    public var description: String {
        switch self {
        case .generation(let stored, let found): "it is of \(found), what is stored is of \(stored)"
        case .table: "the table has other columns or another key"
        case .interest(let added, let removed):
            "it takes other events"
                + (added.isEmpty ? "" : ", now also \(Self.listed(added))")
                + (removed.isEmpty ? "" : ", no longer \(Self.listed(removed))")
        case .fold(let samples): "the fold makes other rows of \(Self.listed(samples))"
        case .unknownSamples(let samples): "this program is older and does not know \(Self.listed(samples))"
        }
    }

    /// How many names a sentence takes.
    private static let listLimit = 6

    private static func listed(_ names: [String]) -> String {
        let shown = names.prefix(listLimit).joined(separator: ", ")
        return names.count > listLimit ? "\(shown) and \(names.count - listLimit) more" : shown
    }
}
