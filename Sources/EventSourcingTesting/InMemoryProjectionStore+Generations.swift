import EventModel
import EventSourcing
import ReadModels
import Synchronization

extension InMemoryProjectionStore: GenerationStore {
    /// See ``GenerationStore/generations()``.
    public func generations() async throws(StoreError) -> [Generation] {
        state.withLock { $0.generations.all.filter { $0.state != .retired } }
    }

    /// See ``GenerationStore/begin(_:fingerprint:layout:under:)``.
    public func begin(
        _ projection: any Projection, fingerprint: ProjectionFingerprint?, layout: LaneLayout, under lease: Lease
    ) async throws -> Generation {
        try state.withLock { state in
            try state.confirm(lease)
            return try state.generations.begin(projection, fingerprint: fingerprint, layout: layout)
        }
    }

    /// See ``GenerationStore/derive(_:from:fingerprint:under:changes:)``.
    public func derive(
        _ projection: any Projection, from active: Generation, fingerprint: ProjectionFingerprint?, under lease: Lease,
        changes: @escaping @Sendable (Frontier, TableDefinition) async throws -> RowChanges
    ) async throws -> Generation {
        let keys = ConsumerProgress.Key.all(of: active)
        let progress = try await self.progress(of: keys)
        guard !progress.isEmpty else { throw GenerationFlaw.nothingProjected(projection.name) }
        let wanted = try await changes(Frontier(active.layout, progress), projection.table)
        return try state.withLock { state in
            try state.confirm(lease)
            guard keys.compactMap({ state.checkpoints.progress(of: $0) }) == progress else {
                throw StoreError.cancelled
            }
            let generation = try state.generations.begin(
                projection, fingerprint: fingerprint, layout: active.layout)
            let kept = generation.keeping(projection)
            var rows = state.tables[active.relation] ?? [:]
            for key in wanted.deletions { rows[key] = nil }
            for row in wanted.upserts { rows[kept.table.key(of: row)] = row }
            state.tables[generation.relation] = rows
            for var lane in progress {
                let key = lane.key
                lane.key = ConsumerProgress.Key(of: generation, lane: key.lane)
                lane.state = ProjectorState.catchingUp.rawValue
                guard state.checkpoints.advance(lane, from: .start, under: lease) == .advanced else {
                    throw StoreError.cancelled
                }
                state.parking.copy(from: key, to: lane.key)
            }
            state.generations.set(.ready, of: generation)
            var ready = generation
            ready.state = .ready
            return ready
        }
    }

    /// See ``GenerationStore/fingerprint(of:)``.
    public func fingerprint(of generation: Generation) async throws(StoreError) -> ProjectionFingerprint? {
        state.withLock { $0.generations.fingerprints[generation.relation] }
    }

    /// See ``GenerationStore/sign(_:_:)``.
    public func sign(_ generation: Generation, _ fingerprint: ProjectionFingerprint) async throws(StoreError) {
        state.withLock { $0.generations.fingerprints[generation.relation] = fingerprint }
    }

    /// See ``GenerationStore/prepare(_:for:)``.
    public func prepare(_ rows: [Row], for table: TableDefinition) -> PreparedRows {
        PreparedRows(count: rows.count, rows: rows)
    }

    /// See ``GenerationStore/load(into:from:under:next:)``.
    public func load(
        into generation: ProjectionGeneration, from previous: GlobalPosition, under lease: Lease,
        next: @escaping @Sendable () async throws -> LoadStep
    ) async throws -> ApplyAnswer {
        var loaded = RowChanges(to: generation.table)
        while true {
            switch try await next() {
            case .rows(let rows): loaded.upserts += rows.rows
            case .end(let changes, let moves):
                loaded.upserts += changes.upserts
                loaded.deletions += changes.deletions
                return try await apply(loaded, moving: moves)
            }
        }
    }

    /// Nothing to do.
    public func index(_ generation: ProjectionGeneration, under lease: Lease) async throws(StoreError) {}

    /// See ``GenerationStore/finish(_:under:)``.
    public func finish(_ generation: Generation, under lease: Lease) async throws(StoreError) {
        try change { state throws(StoreError) in
            try state.confirm(lease)
            state.generations.set(.ready, of: generation)
        }
    }

    /// See ``GenerationStore/retire(_:under:)``.
    public func retire(_ generation: Generation, under lease: Lease) async throws(StoreError) {
        try change { state throws(StoreError) in
            try state.confirm(lease)
            state.retire(generation)
        }
    }

    /// See ``GenerationStore/retireExpired(of:under:)``.
    public func retireExpired(of projection: String, under lease: Lease) async throws(StoreError) -> [Generation] {
        let now = time.now()
        let outcome: Result<[Generation], StoreError> = state.withLock { state in
            Result { () throws(StoreError) in
                try state.confirm(lease)
                let expired = state.generations.all.filter {
                    $0.projection == projection && $0.state == .previous && $0.keptUntil.map { $0 < now } ?? false
                }
                for generation in expired { state.retire(generation) }
                return expired
            }
        }
        return try outcome.get()
    }

    /// See ``GenerationStore/compare(_:with:limit:align:)``. Nothing moves in memory unless a test lets it.
    public func compare(
        _ shadow: ProjectionGeneration, with active: Generation, limit: ComparisonLimit,
        align: @escaping @Sendable (Frontier) async throws -> Void
    ) async throws -> GenerationComparison {
        try await align(try await frontier(of: active))
        let table = state.withLock { $0.generations.tables[active.relation] } ?? shadow.table.kept(in: active.relation)
        let (seen, made) = (rows(of: table), rows(of: shadow.table))
        let places = shadow.table.columns.enumerated().compactMap { index, column in
            table.columns.firstIndex { $0.name == column.name && $0.type == column.type }.map { ($0, index) }
        }
        var differences: [GenerationComparison.Difference] = []
        for key in Set(seen.keys).union(made.keys) {
            let (before, after) = (seen[key], made[key])
            if let before, let after, places.allSatisfy({ before.values[$0.0] == after.values[$0.1] }) { continue }
            differences.append(.init(key: key, active: before, shadow: after))
        }
        differences.sort { "\($0.key)" < "\($1.key)" }
        return GenerationComparison(
            activeTable: table, active: try await frontier(of: active), shadow: try await frontier(of: shadow),
            activeRows: Int64(seen.count),
            shadowRows: Int64(made.count), differing: Int64(differences.count),
            differences: Array(differences.prefix(limit.rows)),
            otherKeys: differences.dropFirst(limit.rows).prefix(limit.keys).map(\.key))
    }

    /// See ``GenerationStore/activate(_:keepingFor:under:align:)``.
    public func activate(
        _ generation: ProjectionGeneration, keepingFor duration: Duration, under lease: Lease,
        align: @escaping @Sendable (Frontier) async throws -> Void
    ) async throws {
        let active = state.withLock { $0.generations.active(generation.name) }
        guard let active else { throw GenerationFlaw.unknownProjection(generation.name) }
        try await align(try await frontier(of: active))
        let until = time.now().advanced(by: duration)
        try state.withLock { state in
            try state.confirm(lease)
            if let older = try state.generations.activate(generation, keptUntil: until) { state.retire(older) }
        }
    }

    /// See ``GenerationStore/record(_:of:under:)``.
    public func record(
        _ report: GenerationReport, of generation: Generation, under lease: Lease
    ) async throws(StoreError) {
        try change { state throws(StoreError) in
            try state.confirm(lease)
            state.generations.reports[generation.relation] = report
        }
    }

    /// See ``GenerationStore/report(of:)``.
    public func report(of generation: Generation) async throws(StoreError) -> GenerationReport? {
        state.withLock { $0.generations.reports[generation.relation] }
    }

    private func change(_ body: (inout State) throws(StoreError) -> Void) throws(StoreError) {
        let outcome: Result<Void, StoreError> = state.withLock { state in
            Result { () throws(StoreError) in try body(&state) }
        }
        try outcome.get()
    }
}

extension InMemoryProjectionStore.State {
    fileprivate func confirm(_ lease: Lease) throws(StoreError) {
        guard checkpoints.isNewest(lease) else { throw .cancelled }
    }

    fileprivate mutating func retire(_ generation: Generation) {
        generations.set(.retired, of: generation)
        tables[generation.relation] = nil
        for key in ConsumerProgress.Key.all(of: generation) {
            checkpoints.forget(key)
            parking.forget(key)
        }
    }
}
