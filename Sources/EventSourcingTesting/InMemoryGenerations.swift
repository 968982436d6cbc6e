import EventModel
import EventSourcing
import ReadModels

/// The registry of generations in memory.
struct InMemoryGenerations: Sendable {
    private(set) var all: [Generation]
    var reports: [String: GenerationReport] = [:]
    /// By relation.
    var fingerprints: [String: ProjectionFingerprint] = [:]
    /// The table of each generation, by relation.
    private(set) var tables: [String: TableDefinition] = [:]

    /// The first generation of every projection is active.
    init(_ projections: [any Projection], layout: LaneLayout) {
        all = projections.map { projection in
            Generation(
                projection: projection.name, number: projection.version, version: projection.version,
                relation: projection.table.generationName, layout: layout, state: .active)
        }
        for projection in projections { tables[projection.table.generationName] = projection.table }
    }

    mutating func begin(
        _ projection: any Projection, fingerprint: ProjectionFingerprint?, layout: LaneLayout
    ) throws(GenerationFlaw) -> Generation {
        let known = all.filter { $0.projection == projection.name }
        if let shadow = known.first(where: { $0.state == .building || $0.state == .ready }) {
            try shadow.check(version: projection.version, fingerprint, stored: fingerprints[shadow.relation])
            return shadow
        }
        let number = max(known.map(\.number).max() ?? 0, projection.version - 1) + 1
        let plain = projection.table.generationName
        let generation = Generation(
            projection: projection.name, number: number, version: projection.version,
            relation: known.contains { $0.relation == plain } ? "\(projection.name)_g\(number)" : plain,
            layout: layout, state: .building)
        all.append(generation)
        fingerprints[generation.relation] = fingerprint
        tables[generation.relation] = projection.table.kept(in: generation.relation)
        return generation
    }

    /// Refuses a checkpoint that the generation does not keep.
    func check(_ key: ConsumerProgress.Key) throws(StoreError) {
        let generation = all.first { $0.projection == key.consumer && $0.number == key.version }
        guard (generation?.layout ?? .whole).lanes.contains(key.lane) else {
            throw .failed(reason: "\(key.consumer) keeps no checkpoint for lane \(key.lane)")
        }
    }

    mutating func set(_ state: Generation.State, of generation: Generation) {
        for index in all.indices where all[index].isSame(as: generation) { all[index].state = state }
    }

    func active(_ projection: String) -> Generation? {
        all.first { $0.projection == projection && $0.state == .active }
    }

    /// - Returns: the generation that has to go.
    mutating func activate(
        _ generation: ProjectionGeneration, keptUntil: Timestamp
    ) throws(GenerationFlaw) -> Generation? {
        guard let next = all.first(where: { $0.projection == generation.name && $0.number == generation.generation }),
            let active = active(generation.name)
        else { throw .unknownProjection(generation.name) }
        guard next.state == .ready || next.state == .previous else { throw .wrongState(next) }
        let older = all.first { $0.projection == generation.name && $0.state == .previous && $0.number != next.number }
        if let older { set(.retired, of: older) }
        set(.previous, of: active)
        set(.active, of: next)
        for index in all.indices { all[index].keptUntil = all[index].state == .previous ? keptUntil : nil }
        return older
    }
}

extension Generation {
    fileprivate func isSame(as other: Generation) -> Bool {
        projection == other.projection && number == other.number
    }
}
