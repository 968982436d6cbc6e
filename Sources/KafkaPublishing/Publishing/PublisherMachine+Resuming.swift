import EventModel
import EventSourcing
import FoundationEssentials

/// Where a run resumes, decided from the checkpoint and the ends.
struct Resumption: Sendable {
    var head: LogHead
    /// Reading starts behind this position.
    var after: GlobalPosition
    var chain: [ChainPoint]
    var notices: [PublisherNotice]
    /// What is stored now; `nil` when nothing is.
    var checkpoint: PublishingCheckpoint?
}

extension PublisherMachine {
    mutating func begin(_ checkpoint: PublishingCheckpoint?, _ found: TopicEnds) -> [Action] {
        if let odd = checkpoint.oddPartitions(beside: found.partitions.count, expecting: configuration.lanes) {
            return end(.refused(.partitionCount(topic: configuration.topic, found: odd, expected: configuration.lanes)))
        }
        phase = .inspecting(checkpoint, found)
        var positions = Set(found.partitions.compactMap(\.mark?.position))
        if let checkpoint, checkpoint.progress.position > .start { positions.insert(checkpoint.progress.position) }
        return [.inspectLog(positions.sorted())]
    }

    mutating func resume(
        _ checkpoint: PublishingCheckpoint?, _ found: TopicEnds, head: LogHead, events: [RecordedEvent]
    ) -> [Action] {
        let history = HistoryComparison(
            topic: configuration.topic, earlierIncarnations: configuration.earlierIncarnations, head: head,
            events: events)
        if let refusal = refusal(checkpoint, found, history) { return end(.refused(refusal)) }
        let resumption = resumption(checkpoint, found, head: head)
        let position = checkpoint?.progress.position ?? .start
        guard resumption.after > .start, resumption.after < position else { return start(resumption, without: nil) }
        phase = .measuring(resumption)
        return [.measure(after: resumption.after, through: position)]
    }

    /// Starts reading; a checkpoint that must move back is stored first.
    mutating func start(_ resumption: Resumption, without digest: CompletenessDigest?) -> [Action] {
        chain = resumption.chain
        cursor = resumption.after
        progress = progress(at: resumption, without: digest)
        phase = .running
        isReading = true
        let stored = resumption.checkpoint?.progress.position ?? .start
        ledger = CheckpointLedger(storedPosition: stored, savedPosition: progress.position)
        var actions = resumption.notices.map(Action.notice) + [.open(incarnation: resumption.head.incarnation)]
        if let checkpoint = resumption.checkpoint, isNews(beside: checkpoint) { actions += save() }
        return actions + [.read(after: cursor)]
    }

    private func isNews(beside stored: PublishingCheckpoint) -> Bool {
        stored.ends != ends(of: chain) || stored.progress.position != progress.position
            || stored.progress.state != progress.state || stored.progress.lastError != nil
    }

    private func progress(at resumption: Resumption, without digest: CompletenessDigest?) -> ConsumerProgress {
        guard var kept = resumption.checkpoint?.progress, resumption.after > .start else {
            return ConsumerProgress(of: configuration.key, incarnation: resumption.head.incarnation)
        }
        kept.incarnation = resumption.head.incarnation
        kept.lastError = nil
        kept.state = (resumption.after >= resumption.head.position ? PublisherState.live : .catchingUp).rawValue
        guard resumption.after < kept.position else { return kept }
        kept.eventsHandled -= resumption.after.distance(to: kept.position)
        kept.position = resumption.after
        kept.lastEventID = nil
        if let digest { kept.digest = kept.digest.subtracting(digest) }
        return kept
    }

    /// L10: is everything that the topic and the checkpoint hold an event of this log?
    private func refusal(
        _ checkpoint: PublishingCheckpoint?, _ found: TopicEnds, _ history: HistoryComparison
    ) -> PublishingRefusal? {
        if let flaw = history.refusal(checkpoint?.progress) { return flaw }
        return history.refusal(
            of: found.partitions.map {
                $0.mark.map { (position: $0.position, event: $0.eventID, incarnation: $0.incarnation) }
            })
    }

    private func resumption(_ checkpoint: PublishingCheckpoint?, _ found: TopicEnds, head: LogHead) -> Resumption {
        let position = checkpoint?.progress.position ?? .start
        let isNew = checkpoint.map { !$0.ends.isEmpty } ?? false && found.partitions.allSatisfy { $0.endOffset == 0 }
        var resumption = Resumption(
            head: head, after: isNew ? .start : position, chain: [], notices: [], checkpoint: checkpoint)
        for (index, partition) in found.partitions.enumerated() {
            let lane = Lane(Int32(index))
            let end = partition.last?.position ?? .start
            let checkpointed = checkpoint?.ends[lane]
            let isTruncated = checkpointed.map { end < $0.position } ?? false
            let held = isNew || isTruncated ? end : max(position, end)
            resumption.after = min(resumption.after, held)
            resumption.chain.append(
                ChainPoint(end: end, heldThrough: held, nextOffset: partition.endOffset, record: partition.last))
            if !isNew, let checkpointed, isTruncated {
                resumption.notices.append(.truncated(lane: lane, checkpointed: checkpointed, found: partition.last))
            }
            if partition.standing == .retained { resumption.notices.append(.retained(lane: lane)) }
            if partition.ignored > 0 {
                resumption.notices.append(.ignoredRecords(lane: lane, count: partition.ignored))
            }
        }
        resumption.notices += generationNotices(checkpoint, found, isNew: isNew)
        return resumption
    }

    private func generationNotices(
        _ checkpoint: PublishingCheckpoint?, _ found: TopicEnds, isNew: Bool
    ) -> [PublisherNotice] {
        let position = checkpoint?.progress.position ?? .start
        if isNew { return [.newGeneration(published: position)] }
        let furthest = found.partitions.compactMap(\.last?.position).max() ?? .start
        if furthest > position { return [.topicAheadOfCheckpoint(position: position)] }
        return position == .start ? [.firstPublication] : []
    }
}
