import EventModel
import EventSourcing
import FoundationEssentials
import Synchronization

/// A topic in memory, read in pulls of a few messages.
final class FakeTopic: InboundTopic {
    static let name = InboundTopicName(cluster: "c", topic: "t")

    struct Delivery: InboundDelivery {
        var messages: [InboundMessage] = []
        var bookmarks: [Int32: InboundBookmark] = [:]
        var notices: [InboundNotice] = []
        fileprivate var records: [(InboundRecord, InboundPlace)] = []

        func place(of index: Int) -> InboundPlace { records[index].1 }
        func record(at index: Int) -> InboundRecord { records[index].0 }
    }

    private struct State {
        var records: [[InboundRecord]]
        var told: [RejectedMessage] = []
        var tellTroubles = 0
        /// Sessions, the oldest first, that cannot tell of anything.
        var brokenSessions = 0
        var opened: [[Int32]] = []
        var isAway = false
    }

    private let state: Mutex<State>
    private let pullSize: Int
    private let generation = UUID()

    init(partitions: Int = 1, pullSize: Int = 3) {
        state = Mutex(State(records: Array(repeating: [], count: partitions)))
        self.pullSize = pullSize
    }

    func write(_ records: [InboundRecord], to partition: Int = 0) {
        state.withLock { $0.records[partition] += records }
    }

    /// The refused messages that were told of.
    var told: [RejectedMessage] { state.withLock { $0.told } }
    /// The partitions of each session.
    var opened: [[Int32]] { state.withLock { $0.opened } }
    /// The next calls of tell fail.
    func refuseToTell(_ times: Int) { state.withLock { $0.tellTroubles = times } }
    /// The next sessions are broken: they never tell of anything.
    func breakSessions(_ count: Int) { state.withLock { $0.brokenSessions = count } }
    /// Whether nothing can be read.
    func isAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

    func prepare() async throws(InboundTopicError) -> InboundTopicName { Self.name }

    func partitions() async throws(InboundTopicError) -> [Int32] {
        (0..<Int32(state.withLock { $0.records.count })).map { $0 }
    }

    func ends(of partitions: [Int32]) async throws(InboundTopicError) -> [Int32: InboundEnds] {
        state.withLock { state in
            Dictionary(
                uniqueKeysWithValues: partitions.map {
                    ($0, InboundEnds(first: 0, next: Int64(state.records[Int($0)].count)))
                })
        }
    }

    func open(
        _ name: InboundTopicName, partitions: [Int32], at bookmarks: [Int32: InboundBookmark]
    ) async throws(InboundTopicError) -> Session {
        let isBroken = state.withLock { state in
            state.opened.append(partitions)
            return state.opened.count <= state.brokenSessions
        }
        let places = partitions.map { ($0, Int(bookmarks[$0]?.next ?? 0)) }
        return Session(topic: self, places: Dictionary(uniqueKeysWithValues: places), isBroken: isBroken)
    }

    final class Session: InboundSession {
        private let topic: FakeTopic
        private let places: Mutex<[Int32: Int]>
        private let isBroken: Bool

        init(topic: FakeTopic, places: [Int32: Int], isBroken: Bool) {
            self.topic = topic
            self.isBroken = isBroken
            self.places = Mutex(places)
        }

        func next() async throws(InboundTopicError) -> Delivery {
            await Task.yield()
            guard !topic.state.withLock({ $0.isAway }) else { throw .unavailable(reason: "a test") }
            return places.withLock { topic.take(&$0) }
        }

        func tell(_ rejected: [RejectedMessage]) async throws(InboundTopicError) {
            guard !isBroken else { throw .unavailable(reason: "this session is broken") }
            try topic.tell(rejected)
        }

        func close() async {}
    }

    private func take(_ places: inout [Int32: Int]) -> Delivery {
        var delivery = Delivery()
        for (partition, from) in places.sorted(by: { $0.key < $1.key }) {
            let records = state.withLock { Array($0.records[Int(partition)].dropFirst(from).prefix(pullSize)) }
            guard let last = records.last else { continue }
            for (index, record) in records.enumerated() {
                let place = InboundPlace(
                    topic: Self.name, generation: generation, partition: partition, offset: Int64(from + index))
                delivery.messages.append(
                    InboundMessage(record, at: place, receivedAt: Timestamp(microseconds: 1_770_000_000_000_000)))
                delivery.records.append((record, place))
            }
            places[partition] = from + records.count
            delivery.bookmarks[partition] = InboundBookmark(
                generation: generation, next: Int64(from + records.count),
                last: InboundFingerprint(of: last.value ?? []))
        }
        return delivery
    }

    private func tell(_ rejected: [RejectedMessage]) throws(InboundTopicError) {
        let isRefused = state.withLock { state in
            guard state.tellTroubles == 0 else {
                state.tellTroubles -= 1
                return true
            }
            state.told += rejected
            return false
        }
        if isRefused { throw .unavailable(reason: "a test") }
    }
}

extension InboundRecord {
    /// A record of any content, named by its headers if `id` is given.
    static func text(_ text: String?, id: String? = nil, headers: [String: String] = [:]) -> InboundRecord {
        var all = headers.map { Header(name: $0.key, value: Array($0.value.utf8)) }
        if let id {
            all += [Header(name: "ce_source", value: Array("test".utf8)), Header(name: "ce_id", value: Array(id.utf8))]
        }
        return InboundRecord(
            key: nil, value: text.map { Array($0.utf8) }, headers: all, timeMilliseconds: 1_770_000_000_000)
    }

    /// A record that says words of a notebook.
    static func words(
        _ words: [String], notebook: String = "n1", id: String? = nil, workspace: String? = nil
    ) -> InboundRecord {
        let list = words.map { "\"\($0)\"" }.joined(separator: ",")
        return .text(
            #"{"notebook":"\#(notebook)","words":[\#(list)]}"#, id: id,
            headers: workspace.map { ["ls_workspace": $0] } ?? [:])
    }
}
