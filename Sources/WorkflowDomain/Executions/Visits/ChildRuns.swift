import EventModel

/// Which visits began which runs of child workflows, as far as is told.
///
/// Sim's live events name a child's run by an id of its own, its logs by the place of the block that ran it. A visit that says which run
/// it began joins the two.
struct ChildRuns: Equatable, Sendable {
    /// The visits that are told to have begun a run, by the engine's name of the run.
    private var claims: [String: Set<BlockVisit>] = [:]

    /// Whether nothing is known, so that every visit is called as it is told.
    var isEmpty: Bool { claims.isEmpty }

    /// Takes in that a visit began a run.
    mutating func join(_ run: String, begunBy visit: BlockVisit) { claims[run, default: []].insert(visit) }

    /// The visit as logs call it: each run by the block that began it, from the outermost on. A run of which nobody knows the block, or
    /// several are said to have begun it, stays as it is told.
    func resolve(_ visit: BlockVisit) -> BlockVisit { resolve(visit, inside: []) }

    private func resolve(_ visit: BlockVisit, inside: Set<String>) -> BlockVisit {
        for (index, frame) in visit.frames.enumerated().reversed() {
            guard case .child(let run) = frame, !inside.contains(run), let claimant = claimant(of: run) else {
                continue
            }
            let parent = resolve(claimant, inside: inside.union([run]))
            let around = parent.frames + [SimRecord.childRun(of: parent)]
            return BlockVisit(visit.block, in: around + visit.frames[(index + 1)...], order: visit.order)
        }
        return visit
    }

    /// The one visit that began the run. One that says its running number tells more than one that does not.
    private func claimant(of run: String) -> BlockVisit? {
        guard let visits = claims[run] else { return nil }
        let numbered = visits.filter { $0.order != nil }
        let candidates = numbered.isEmpty ? visits : numbered
        return candidates.count == 1 ? candidates.first : nil
    }
}

extension ChildRuns: Snapshotable {
    var snapshot: JSONValue {
        .object(
            JSONObject(
                claims.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { run, visits in
                    .init(key: run, value: .array(visits.map(\.snapshot).inFixedOrder))
                }))
    }

    init(snapshot: PayloadReader) throws(EventFlaw) {
        guard let runs = snapshot.value.object else {
            throw .wrongType(snapshot.path, wanted: "an object", found: snapshot.value.kind)
        }
        for run in runs.members {
            for visit in try snapshot.elements(run.key) {
                claims[run.key, default: []].insert(try BlockVisit(snapshot: visit))
            }
        }
    }
}

extension [JSONValue] {
    /// Values that were in no order, by their canonical bytes.
    var inFixedOrder: [JSONValue] {
        map { (value: $0, bytes: $0.canonicalBytes()) }.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
            .map(\.value)
    }
}
