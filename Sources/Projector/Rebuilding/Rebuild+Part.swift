import EventModel
import EventSourcing
import ReadModels

extension Rebuild {
    /// Makes the rows of a part anew: a generation with the rows that readers see, those of the part folded from the log again, and compares the
    /// two. It waits to be activated, like any other.
    ///
    /// - Throws: ``RebuildFault`` when the part is not closed (an event outside of it concerns the same row), too large, or parked; and what
    ///   ``build()`` throws.
    public func build(_ part: RebuildPart) async throws -> RebuildReport {
        try await leading { lease in
            let active = try await own(.active)
            guard try await find(.building) == nil, try await find(.ready) == nil else {
                throw RebuildFault.shadowWaits(projection: projection.name)
            }
            let fold = try await partFold(part, beside: active)
            try await fillPart(fold, beside: active)
            observer.enter(.indexing)
            let shadow = try await derive(fold, from: active, under: lease)
            return try await compare(shadow, under: lease)
        }
    }

    /// What a rebuild of a part would read and write; nothing is written.
    public func preview(_ part: RebuildPart) async throws -> (events: Int, rows: Int) {
        let active = try await own(.active)
        let fold = try await partFold(part, beside: active)
        try await fillPart(fold, beside: active)
        return (await fold.events, await fold.rowCount)
    }

    /// The generation in a state, if this program's fold has made it.
    private func own(_ state: Generation.State) async throws -> Generation {
        guard let found = try await find(state) else { throw GenerationFlaw.unknownProjection(projection.name) }
        guard found.version == projection.version else {
            throw RebuildFault.foreignVersion(found, own: projection.version)
        }
        return found
    }

    private func partFold(_ part: RebuildPart, beside active: Generation) async throws -> PartFold<Log> {
        var parked = ParkedKeys()
        for (_, key) in try await views.allParkedKeys(of: ConsumerProgress.Key.all(of: active)) {
            parked.insert(key.key, in: key.scope)
        }
        return PartFold(
            part, of: active.keeping(projection), log: log,
            skipping: try await log.skippedEvents(of: projection.name), parked: parked,
            memoryBytes: settings.limits.memoryBytes, lanes: settings.lanes,
            notice: { [observer] in observer.note($0) })
    }

    /// Folds up to where the active generation is now.
    private func fillPart(_ fold: PartFold<Log>, beside active: Generation) async throws {
        let end = try await views.frontier(of: active)
        observer.begin(at: await fold.position, target: end.least)
        _ = try await fold.advance(to: end.least, isBrief: false)
    }

    /// The active generation cannot move while its rows are copied: what arrived since the fold is folded then, lane by lane, unless it concerns new
    /// rows, for which the whole log would have to be read; then it is let go and tried again. Lanes that are far apart are waited for, because live
    /// projectors wait while the events in between are read.
    private func derive(
        _ fold: PartFold<Log>, from active: Generation, under lease: Lease
    ) async throws -> Generation {
        let deadline = settings.time.steady() + settings.limits.alignmentPatience
        var attempts = 0
        while true {
            let isLate = settings.time.steady() >= deadline
            let frontier = try await views.frontier(of: active)
            if frontier.least.distance(to: frontier.greatest) <= settings.limits.briefEvents {
                let before = await fold.position
                do {
                    return try await views.derive(
                        projection, from: active, fingerprint: settings.fingerprints[projection.name], under: lease
                    ) { frontier, table in
                        guard let changes = try await fold.changes(to: table, at: frontier) else {
                            throw PartHasGrown()
                        }
                        return changes
                    }
                } catch is PartHasGrown {
                    attempts += 1
                    try await fillPart(fold, beside: active)
                }
                guard attempts < Self.attempts || !isLate else {
                    throw RebuildFault.partGrows(projection: projection.name, fold.part)
                }
                if await fold.position > before { continue }
            } else if isLate {
                throw RebuildFault.lanesApart(active, frontier)
            }
            // The new rows are in lanes that are ahead, or the lanes are far from each other.
            try await settings.time.sleep(for: settings.limits.alignmentPatience / 100)
        }
    }

    /// How often it is tried at least.
    private static var attempts: Int { 3 }
}

/// Events have arrived that concern rows of the part that were not known.
private struct PartHasGrown: Error {}
