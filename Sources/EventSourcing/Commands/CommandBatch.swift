import EventModel

/// Many commands over many streams of one workspace, on their way to their answers. A value without I/O: the shell performs the action
/// that ``next()`` names and gives back what came of it.
///
/// Each stream's commands are decided in order, one after the other in memory; what has been decided travels in appends over many streams.
/// When a stream has moved on, only its commands are decided anew. An answer is final once the append that it rests on is stored, or once
/// the stream has been read in this batch.
struct CommandBatch<D: Decider> where D.Event: DomainEvent {
    typealias Answer = StreamWork<D>.Answer

    /// What is to be done next.
    enum Action: Sendable {
        /// Read these streams from behind what is folded of them. A stream has lost `conflicts` races in a row: wait a little.
        case read([Reading], conflicts: Int)
        /// Append these, each on its own, and give back the answers in order.
        case append([AppendRequest])
        /// Every command has its answer.
        case finish
    }

    /// A stream to be read.
    struct Reading: Sendable {
        /// Its place in this batch.
        let place: Int
        let stream: StreamName
        /// What is folded already.
        let folded: FoldedStream<D.State>
    }

    let workspace: Workspace
    let limits: CommandLimits
    let commands: [StreamCommand<D>]
    let consequences: CommandConsequences<D>?
    var streams: [StreamWork<D>] = []
    /// For each command, the place of its stream.
    var places: [Int] = []
    var answers: [Answer?]
    /// Commands without a decision, in order.
    var waiting: [Int]
    /// Appends under way, as places of streams.
    var underWay: [[Int]] = []
    /// The place of each stream.
    var placeOf: [StreamName: Int] = [:]
    /// For each stream, one that stands for all those whose decisions go together or not at all.
    var leaders: [Int] = []
    /// Whether any stream stands for another one.
    var hasJoined = false
    /// Whether an append over several streams has failed for one of them since the last decisions.
    var hasStumbled = false

    /// - Parameter recall: the state of a stream that an earlier batch left.
    init(
        _ commands: [StreamCommand<D>], in workspace: Workspace, limits: CommandLimits,
        consequences: CommandConsequences<D>? = nil,
        recall: (StreamName) -> FoldedStream<D.State>? = { _ in nil }
    ) {
        self.commands = commands
        self.workspace = workspace
        self.limits = limits
        answers = Array(repeating: nil, count: commands.count)
        waiting = Array(commands.indices)
        self.consequences = consequences
        places.reserveCapacity(commands.count)
        for command in commands {
            places.append(place(of: command.stream, recalling: recall))
        }
    }

    /// The place of a stream in this batch, a new one if need be.
    mutating func place(
        of stream: StreamName, recalling recall: (StreamName) -> FoldedStream<D.State>? = { _ in nil }
    ) -> Int {
        if let place = placeOf[stream] { return place }
        placeOf[stream] = streams.count
        leaders.append(streams.count)
        streams.append(StreamWork(stream, remembered: recall(stream)))
        return streams.count - 1
    }

    /// The answers in the order of the commands, when finished.
    var finalAnswers: [Answer] { answers.compactMap { $0 } }

    /// What is known of each stream that could be read, for the next batch.
    var knowledge: [(stream: StreamName, folded: FoldedStream<D.State>)] {
        streams.filter { $0.knowledge != .unread || $0.folded.version != nil }.map { ($0.stream, $0.folded) }
    }

    /// What is to be done next.
    mutating func next() -> Action {
        guard underWay.isEmpty else { return .append(requests) }
        while !waiting.isEmpty {
            let readings = readings
            guard readings.isEmpty else {
                return .read(readings, conflicts: readings.map { streams[$0.place].conflicts }.max() ?? 0)
            }
            hasStumbled = false
            if hasJoined { leaders = Array(streams.indices) }
            hasJoined = false
            let touched = decide()
            settleWithoutEvents(touched)
            let parts = touched.filter { streams[$0].eventCount > 0 }
            guard parts.isEmpty else {
                underWay = [parts]
                return .append(requests)
            }
        }
        return .finish
    }

    private var requests: [AppendRequest] {
        underWay.map { AppendRequest(workspace: workspace, streams: $0.map { streams[$0].append }) }
    }

    /// The streams that have to be read before the waiting commands can be decided.
    private var readings: [Reading] {
        var wanted = streams.indices.filter { streams[$0].isWanted && streams[$0].knowledge == .unread }
        var seen = Set(wanted)
        for command in waiting {
            let place = places[command]
            if streams[place].knowledge == .unread, seen.insert(place).inserted { wanted.append(place) }
        }
        return wanted.map { Reading(place: $0, stream: streams[$0].stream, folded: streams[$0].folded) }
    }
}
