import EventModel
import EventSourcing
import ReadModels

/// The steps that only a projector with parked keys takes.
extension LedSteps {
    /// The next events if there are any, else a wait for them that ends in time.
    func poll(
        after position: GlobalPosition, limit: Int, atMost patience: Duration, unless ahead: ReadAhead?
    ) async -> ProjectorMachine.Input {
        if let ahead, ahead.after == position { return .read(ahead.batch.events, head: ahead.batch.head) }
        do throws(StoreError) {
            // A log that ends before our position is reported by reading it.
            guard try await log.head().position == position else {
                return await read(after: position, limit: limit, unless: nil)
            }
            if patience > .zero { try await log.waitForEvents(after: position, atMost: patience) }
            return .read(.empty, head: position)
        } catch {
            return .failed(error)
        }
    }

    func nextRequest(in share: LaneShare) async -> ProjectorMachine.Input {
        do throws(StoreError) {
            let consumers = share.lanes.map { ConsumerProgress.Key(of: projection, lane: $0) }
            return .requested(try await views.nextRetry(of: consumers))
        } catch {
            return .failed(error)
        }
    }

    /// Leaves out what was asked for, then reads the first events of the queue: at most so many, and at most
    /// ``EventQuery/pageBytes`` of them unless one alone is larger.
    func queue(of request: RequestedRetry, limit: Int) async -> ProjectorMachine.Input {
        let parked = request.parked
        do throws(StoreError) {
            if let refusal = try await recordSkip(of: parked) { return .skipRefused(refusal) }
            let positions = try await views.queue(
                of: parked.key, of: request.consumer,
                after: GlobalPosition(parked.first.rawValue - 1), limit: limit + 1)
            var rest = positions.prefix(limit)
            var events: [RecordedEvent] = []
            var bytes = 0
            while !rest.isEmpty, bytes < EventQuery.pageBytes {
                let run = Log.run(rest)
                for event in try await log.events(at: run) {
                    events.append(event)
                    bytes += event.byteCount
                }
                rest = rest.dropFirst(run.count)
            }
            let hasMore = positions.count > events.count
            return .queued(.init(events, hasMore: hasMore), try await log.skippedEvents(of: projection.name))
        } catch {
            return .failed(error)
        }
    }

    /// Appends what was decided about the failed event, once: the ids are derived from the event's, so doing it again after a death
    /// between two steps, or by a process that does not know yet that it lost the lease, appends nothing.
    ///
    /// - Returns: why it is refused; `nil` when it is on the record, or nothing of the kind was asked for.
    private func recordSkip(of parked: ParkedKey) async throws(StoreError) -> String? {
        guard let request = parked.request, let skip = request.skip else { return nil }
        let failure = parked.failure
        guard skip.position == failure.position, skip.position == parked.first else {
            return "another event has failed since it was asked for"
        }
        let skipped = EventSkipped(
            version: projection.version, position: failure.position, eventID: failure.eventID, eventType: failure.type,
            key: parked.key, cause: failure.cause, reason: skip.reason)
        let id = TimeOrderedID.derived(from: failure.eventID, name: projection.name, index: 0, at: request.at)
        let context = CommandContext(id: id, time: request.at, actor: request.actor, causationID: failure.eventID)
        let handler = CommandHandler<SkipDecider, Log>(log, time: settings.time, random: settings.random)
        let command = StreamCommand<SkipDecider>(
            .skip(skipped, actor: request.actor), to: ProjectionEvent.stream(of: projection.name), context)
        do throws(CommandError<SkipDecider.Rejection>) {
            _ = try await handler.handle(command)
            return nil
        } catch {
            switch error {
            case .store(.refused(let flaw)): return flaw.description
            case .store(let fault): throw fault
            case .contended: throw .unavailable(reason: error.description)
            case .rejected, .unreadable: return error.description
            }
        }
    }
}
