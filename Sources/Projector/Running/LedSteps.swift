import EventModel
import EventSourcing
import ReadModels

/// The steps that a projector takes while it holds lanes: each performs one action and answers what happened.
struct LedSteps<Log: EventStore, Views: ProjectionStore>: Sendable {
    let projection: any Projection
    let log: Log
    let views: Views
    let settings: ProjectorSettings

    /// The stored progress, what the log holds at its positions, what is parked, and what is left out.
    func load(_ share: LaneShare) async -> ProjectorMachine.Input {
        do throws(StoreError) {
            let consumers = share.lanes.map { ConsumerProgress.Key(of: projection, lane: $0) }
            let progress = try await views.progress(of: consumers)
            let head = try await log.head()
            var start = ProjectorMachine.StartingPoint(progress: progress, head: head)
            for position in Set(progress.map(\.position)) where position > .start && position <= head.position {
                let before = GlobalPosition(position.rawValue - 1)
                let found = try await log.read(EventQuery(after: before, through: position, limit: 1)).events.first
                start.eventIDs[position] = found?.id
            }
            for (_, key) in try await views.allParkedKeys(of: consumers) { start.parked.insert(key.key, in: key.scope) }
            start.skips = try await log.skippedEvents(of: projection.name)
            return .loaded(start)
        } catch {
            return .failed(error)
        }
    }

    /// The next events, waiting for them; those that were read ahead, if they are the ones.
    func read(after position: GlobalPosition, limit: Int, unless ahead: ReadAhead?) async -> ProjectorMachine.Input {
        if let ahead, ahead.after == position { return .read(ahead.batch.events, head: ahead.batch.head) }
        do throws(StoreError) {
            guard let batch = try await next(after: position, limit: limit) else { return .failed(.cancelled) }
            return .read(batch.events, head: batch.head)
        } catch {
            return .failed(error)
        }
    }

    func fetch(_ keys: [RowKey]) async -> ProjectorMachine.Input {
        do throws(StoreError) {
            return .fetched(try await views.rows(for: keys, in: projection.table))
        } catch {
            return .failed(error)
        }
    }

    /// Applies a batch, and reads the next one meanwhile when it is known to be there.
    func apply(_ work: ProjectorMachine.Apply) async -> (ProjectorMachine.Input, ReadAhead?) {
        async let ahead = readAhead(work)
        let began = settings.time.steady()
        let input: ProjectorMachine.Input
        do throws(StoreError) {
            let answer = try await finishing { () async throws(StoreError) in
                try await views.apply(work.changes, moving: work.moves)
            }
            input = .applied(answer, settings.time.steady() - began)
        } catch {
            input = .failed(error)
        }
        return (input, await ahead)
    }

    func record(_ states: [CheckpointMove]) async -> ProjectorMachine.Input {
        do throws(StoreError) {
            return .recorded(
                try await finishing { () async throws(StoreError) in try await views.recordState(states) })
        } catch {
            return .failed(error)
        }
    }

    private func readAhead(_ work: ProjectorMachine.Apply) async -> ReadAhead? {
        // A failure is met again, and reported, when the batch is really wanted.
        guard let (after, limit) = work.readAhead, let batch = try? await next(after: after, limit: limit) else {
            return nil
        }
        return ReadAhead(after: after, batch: batch)
    }

    private func next(after position: GlobalPosition, limit: Int) async throws(StoreError) -> SubscriptionBatch? {
        let options = SubscriptionOptions(batchLimit: limit, pollInterval: settings.limits.pollInterval)
        var iterator = Subscription(to: log, after: position, options: options).makeAsyncIterator()
        return try await iterator.next()
    }

    /// Runs a write to its end although the task may be cancelled meanwhile: a shutdown finishes the batch in hand.
    private func finishing<R: Sendable>(
        _ write: @escaping @Sendable () async throws(StoreError) -> R
    ) async throws(StoreError) -> R {
        let outcome = await CancellationShield.run { () -> Result<R, StoreError> in
            do throws(StoreError) { return .success(try await write()) } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}

/// A batch that was read before it was wanted.
struct ReadAhead: Sendable {
    var after: GlobalPosition
    var batch: SubscriptionBatch
}
