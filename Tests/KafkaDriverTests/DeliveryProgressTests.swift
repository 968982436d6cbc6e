import Testing

@testable import KafkaDriver

/// Every interleaving of handing over, reports, waiting and cancellation, without a broker.
@Suite("Delivery progress") struct DeliveryProgressTests {
    private typealias Progress = DeliveryProgress<String>

    @Test(arguments: [0, 1, 2])
    func `a batch is complete once, whichever comes last`(_ reportsBeforeHandOver: Int) {
        var progress = Progress()
        var log: [String] = [progress.take(.awaited(id: 1, "a"))]
        for _ in 0..<reportsBeforeHandOver { log.append(progress.take(.reported)) }
        log.append(progress.take(.handedOver(count: 2)))
        for _ in reportsBeforeHandOver..<2 { log.append(progress.take(.reported)) }
        #expect(log.filter { $0 == "complete a" }.count == 1)
        #expect(log.last == "complete a")
        #expect(progress.isComplete)
    }

    @Test func `an empty batch is complete when handed over, and only then`() {
        var progress = Progress()
        #expect(!progress.isComplete)
        #expect(progress.take(.handedOver(count: 0)) == "complete ")
        #expect(progress.take(.handedOver(count: 0)) == "none")
    }

    @Test func `who asks late is told at once`() {
        var progress = Progress()
        _ = progress.receive(.handedOver(count: 0))
        #expect(progress.take(.awaited(id: 1, "late")) == "tell late")
    }

    @Test func `who is cancelled is released and nobody else`() {
        var progress = Progress()
        _ = progress.receive(.handedOver(count: 1))
        _ = progress.receive(.awaited(id: 1, "a"))
        _ = progress.receive(.awaited(id: 2, "b"))
        #expect(progress.take(.cancelled(id: 1)) == "release a")
        #expect(progress.take(.reported) == "complete b")
        #expect(progress.take(.cancelled(id: 2)) == "none")
    }

    @Test func `who is cancelled before waiting does not wait`() {
        var progress = Progress()
        #expect(progress.take(.cancelled(id: 7)) == "none")
        #expect(progress.take(.awaited(id: 7, "a")) == "release a")
        #expect(progress.take(.awaited(id: 8, "b")) == "none")
    }
}

extension DeliveryProgress<String> {
    fileprivate mutating func take(_ input: Input) -> String {
        switch receive(input) {
        case .none: "none"
        case .complete(let waiters): "complete " + waiters.sorted().joined(separator: ",")
        case .tell(let waiter): "tell \(waiter)"
        case .release(let waiter): "release \(waiter)"
        }
    }
}

@Suite("The door of a full producer") struct BatchDoorQueueTests {
    @Test func `who is cancelled leaves and the others are admitted in order`() {
        var queue = BatchDoor.Queue<String>()
        let ids = (0..<3).map { _ in queue.ticket() }
        #expect(queue.arrive(ids[0], "a") == nil)
        #expect(queue.arrive(ids[1], "b") == nil)
        #expect(queue.cancel(ids[0]) == "a")
        #expect(queue.cancel(ids[2]) == nil)
        #expect(queue.arrive(ids[2], "c") == "c")
        #expect(queue.admitAll() == ["b"])
        #expect(queue.admitAll().isEmpty)
    }
}
