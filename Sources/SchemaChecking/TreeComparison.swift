import EventModel

/// Holds the schemas as they are to those that were released.
///
/// Events are read for ever, by programs older and younger than the one that wrote them. So a released schema may gain optional properties,
/// and say the same in better words; everything else is a new version of it, in a file of its own.
struct TreeComparison {
    let released: SchemaTree
    let current: SchemaTree

    /// Every objection, in the order of files and places; none when all is well.
    func objections() -> [Objection] {
        var found = current.objections
        for name in released.files.keys.sorted() { found += name.isSample ? sample(name) : schema(name) }
        for name in current.files.keys.sorted() where !name.isSample { found += standing(of: name) }
        return found.sorted()
    }

    /// What a released schema has become.
    private func schema(_ name: SchemaName) -> [Objection] {
        guard let before = released.files[name] else { return [] }
        guard let now = current.files[name] else {
            return current.objections.contains { $0.file == name.path }
                ? [] : [Objection(file: name.path, place: "", reason: Self.gone, cure: "bring it back")]
        }
        var comparison = SchemaComparison(file: name.path, cure: cure(name), released: before, current: now)
        return comparison.objections()
    }

    /// What a released sample has become.
    private func sample(_ name: SchemaName) -> [Objection] {
        guard let before = released.files[name] else { return [] }
        guard let now = current.files[name] else {
            return current.objections.contains { $0.file == name.path }
                ? [] : [Objection(file: name.path, place: "", reason: Self.gone, cure: "bring it back")]
        }
        var found = SampleComparison(file: name.path, cure: cure(name)).objections(before, now)
        if let schema = current.files[name.schema] {
            found += SchemaValidation(root: schema).flaws(in: before).map { flaw in
                Objection(
                    file: name.schema.path, place: flaw.place,
                    reason:
                        "\(flaw.reason) in the released sample: the schema refuses an event that is stored somewhere",
                    cure: cure(name))
            }
        }
        return found
    }

    /// Whether a schema that is there may be: it has a sample that fits, and the versions before it.
    private func standing(of name: SchemaName) -> [Objection] {
        var found: [Objection] = []
        if let sample = current.files[name.sample], let schema = current.files[name] {
            found += SchemaValidation(root: schema).flaws(in: sample).map {
                Objection(
                    file: name.sample.path, place: $0.place, reason: "\($0.reason): the sample does not fit its schema",
                    cure: "mend the sample")
            }
        } else {
            found.append(
                Objection(
                    file: name.path, place: "", reason: "has no sample",
                    cure: "write \(name.sample.path), which every reader is tried on"))
        }
        if name.version > 1, current.files[name.version(name.version - 1)] == nil {
            found.append(
                Objection(
                    file: name.path, place: "", reason: "follows no version \(name.version - 1)",
                    cure: "versions are 1, 2, 3 …, each in a file"))
        }
        return found
    }

    private static let gone = "is gone, but events of it are stored and read for ever"

    private func cure(_ name: SchemaName) -> String {
        let next = max(current.newest(of: name), released.newest(of: name), name.version) + 1
        return "add \(name.version(next).path) with a sample and an upcaster instead"
    }
}
