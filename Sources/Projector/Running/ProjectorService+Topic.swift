import EventModel
import EventSourcing
import ReadModels

extension ProjectorSettings {
    /// The group in which processes that feed a generation from the topic are given its lanes. Every generation has one of its own, so that those of
    /// a rolling deploy do not disturb each other; so has every topic.
    public static func group(of projection: some Projection, on topic: any LaneTopic) -> String {
        "\(topic.name).projector.\(projection.name).v\(projection.generation)"
    }
}

extension ProjectorService {
    /// How long one wait for the group's decisions lasts.
    private static var groupPatience: Duration { .seconds(1) }
    /// How long whoever reads the topic waits for events before it looks which lanes are its own.
    private static var patience: Duration { .milliseconds(250) }

    /// Follows the lanes that a group gives to this process, under the lease of each, for as long as there is work on them.
    ///
    /// - Returns: what happened instead; `nil` when the work ended with an action of its own.
    func shareLanes(of topic: any LaneTopic) async -> ProjectorMachine.Input? {
        let membership: any LaneMembership
        do throws(LaneTopicError) {
            membership = try await topic.join(
                ProjectorSettings.group(of: projection, on: topic), lanes: projection.layout.count)
        } catch {
            return await input(after: error)
        }
        let keeper = ShareKeeper(
            of: ProjectorSettings.share(of: projection), parts: projection.layout.lanes.map(Int32.init),
            as: settings.holder, sharing: leases, leases: leases, allotment: .given([]), timing: settings.timing,
            time: settings.time, notice: { tell($0) })
        let feed = LaneFeed(topic, as: membership, log: log, settings: settings)
        let input = await withTaskGroup(of: ProjectorMachine.Input?.self) { group in
            group.addTask {
                do { try await keeper.keep() } catch let error as StoreError { return .failed(error) } catch {}
                return .leaseLost
            }
            group.addTask { await heed(membership, for: keeper) }
            group.addTask {
                await followLanes(of: keeper) { after, limit, patience in
                    await feed.pull(after: after, limit: limit, atMost: patience ?? Self.patience)
                }
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        await feed.close()
        await keeper.leave()
        await membership.close()
        return Task.isCancelled ? .shutdown : input
    }

    /// Tells which lanes are given to this process, as the group decides.
    private func heed(
        _ membership: any LaneMembership, for keeper: ShareKeeper<Leases, Leases>
    ) async -> ProjectorMachine.Input? {
        while !Task.isCancelled {
            do throws(LaneTopicError) {
                switch try await membership.next(atMost: Self.groupPatience) {
                case .given(let lanes):
                    logger.debug("lanes given to this process", metadata: [LogKey.lanes: "\(lanes.sorted())"])
                    keeper.assign(.given(Set(lanes.map(Int32.init))))
                case .undecided:
                    logger.info("the group does not decide whose lanes are whose: they are shared evenly meanwhile")
                    keeper.assign(.even)
                case nil: break
                }
            } catch {
                return await input(after: error)
            }
        }
        return .leaseLost
    }

    /// A topic that is not there is waited for; one that is not the log's is said aloud.
    private func input(after error: LaneTopicError) async -> ProjectorMachine.Input {
        if Task.isCancelled { return .shutdown }
        switch error {
        case .unavailable:
            logger.info("the topic is waited for", metadata: [LogKey.reason: "\(error)"])
            try? await settings.time.sleep(for: settings.timing.retryInterval)
            return Task.isCancelled ? .shutdown : .leaseLost
        case .lanes, .refused: return .misled(.topic(error))
        }
    }
}
