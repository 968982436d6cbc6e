import EventModel
import EventSourcing
import FoundationEssentials
import Synchronization

/// A topic of one partition in memory, read in pulls of a few messages.
final class FakeTopic: InboundTopic {
    struct Delivery: InboundDelivery {
        var messages: [InboundMessage] = []
        var bookmarks: [Int32: InboundBookmark] = [:]
        var notices: [InboundNotice] = []
    }

    struct Kept: Sendable, Equatable {
        let content: String
        let code: InboundRejection.Code
    }

    private struct State {
        var messages: [InboundMessage] = []
        var kept: [Kept] = []
        var keepTroubles = 0
        /// Sessions, the oldest first, that cannot keep anything.
        var brokenSessions = 0
        var opened: [[Int32: InboundBookmark]] = []
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isIdle = false
    }

    private let state = Mutex(State())
    private let pullSize: Int
    private let generation = UUID()

    init(pullSize: Int = 3) { self.pullSize = pullSize }

    func write(_ messages: [InboundMessage]) { state.withLock { $0.messages += messages } }
    /// What was refused and kept.
    var kept: [Kept] { state.withLock { $0.kept } }
    var opened: [[Int32: InboundBookmark]] { state.withLock { $0.opened } }
    /// The next calls of keep fail.
    func refuseToKeep(_ times: Int) { state.withLock { $0.keepTroubles = times } }
    /// The next sessions are broken: they never keep anything.
    func breakSessions(_ count: Int) { state.withLock { $0.brokenSessions = count } }

    func prepare() async throws(InboundTopicError) -> InboundTopicName { InboundTopicName(cluster: "c", topic: "t") }

    func open(
        _ name: InboundTopicName, at bookmarks: [Int32: InboundBookmark]
    ) async throws(InboundTopicError) -> Session {
        let isBroken = state.withLock { state in
            state.opened.append(bookmarks)
            return state.opened.count <= state.brokenSessions
        }
        return Session(topic: self, next: Int(bookmarks[0]?.next ?? 0), isBroken: isBroken)
    }

    final class Session: InboundSession {
        private let topic: FakeTopic
        private let place: Mutex<Int>
        private let isBroken: Bool

        init(topic: FakeTopic, next: Int, isBroken: Bool) {
            self.topic = topic
            self.isBroken = isBroken
            place = Mutex(next)
        }

        func next() async throws(InboundTopicError) -> Delivery {
            let from = place.withLock { $0 }
            let messages = topic.take(from)
            guard !messages.isEmpty else {
                await Task.yield()
                return Delivery()
            }
            place.withLock { $0 += messages.count }
            let bookmark = InboundBookmark(
                generation: topic.generation, next: Int64(from + messages.count),
                last: messages.last.map { InboundFingerprint(of: $0.payload) })
            return Delivery(messages: messages, bookmarks: [0: bookmark])
        }

        func keep(_ rejections: [Int: InboundRejection], of delivery: Delivery) async throws(InboundTopicError) {
            guard !isBroken else { throw .unavailable(reason: "this session is broken") }
            try topic.keep(rejections, of: delivery)
        }

        func close() async {}
    }

    private func take(_ from: Int) -> [InboundMessage] {
        state.withLock { Array($0.messages.dropFirst(from).prefix(pullSize)) }
    }

    private func keep(_ rejections: [Int: InboundRejection], of delivery: Delivery) throws(InboundTopicError) {
        let isRefused = state.withLock { state in
            guard state.keepTroubles == 0 else {
                state.keepTroubles -= 1
                return true
            }
            for (index, rejection) in rejections.sorted(by: { $0.key < $1.key }) {
                let content = String(decoding: delivery.messages[index].payload, as: UTF8.self)
                state.kept.append(Kept(content: content, code: rejection.code))
            }
            return false
        }
        if isRefused { throw .unavailable(reason: "a test") }
    }
}
