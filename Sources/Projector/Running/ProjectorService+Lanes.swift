import EventModel
import EventSourcing
import ReadModels

extension ProjectorService {
    /// How often somebody without a lane looks whether there is one.
    private static var pause: Duration { .milliseconds(50) }

    /// Shares the lanes of a generation with whoever else follows it, for as long as there is work on them.
    ///
    /// - Returns: what happened instead; `nil` when the work ended with an action of its own.
    func shareLanes() async -> ProjectorMachine.Input? {
        let keeper = ShareKeeper(
            of: ProjectorSettings.share(of: projection), parts: projection.layout.lanes.map(Int32.init),
            as: settings.holder, sharing: leases, leases: leases, timing: settings.timing, time: settings.time,
            notice: { tell($0) })
        let input = await withTaskGroup(of: ProjectorMachine.Input?.self) { group in
            group.addTask {
                do { try await keeper.keep() } catch let error as StoreError { return .failed(error) } catch {}
                return .leaseLost
            }
            group.addTask {
                await followLanes(of: keeper)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        await keeper.leave()
        return Task.isCancelled ? .shutdown : input
    }

    /// Follows whatever lanes are held, until the work ends with an action of its own. Lanes that are to be given back are not touched any more
    /// when they are.
    func followLanes(of keeper: ShareKeeper<Leases, Leases>, from pull: Pull? = nil) async {
        while !Task.isCancelled {
            await keeper.giveBack()
            let held = keeper.held
            guard !held.isEmpty else {
                try? await settings.time.sleep(for: Self.pause)
                continue
            }
            let share = LaneShare(Dictionary(uniqueKeysWithValues: held.map { (Int($0), $1) }))
            let isOver = await follow(share, from: pull) { keeper.allows(held) }
            if isOver { return }
        }
    }

    func tell(_ notice: ShareNotice) {
        switch notice {
        case .changed(let lanes, let members):
            logger.info(
                "lanes of this process", metadata: [LogKey.lanes: "\(lanes)", LogKey.members: "\(members)"])
        case .unanswered(let error):
            logger.info("the store does not answer about lanes", metadata: [LogKey.reason: "\(error)"])
        }
    }
}
