import EventModel
import FoundationEssentials

/// Where a subject's sealed data are in the log.
public struct SubjectFindings: Sendable {
    /// One stream that holds some.
    public struct Stream: Sendable, Equatable {
        /// How much.
        public var extent = SubjectErased.Extent()
        /// Position of the first event that holds some.
        public var first: GlobalPosition
        /// Position of the last one.
        public var last: GlobalPosition
    }

    private struct Tally: Sendable {
        var stream: Stream
        var types: [EventType: Int] = [:]
    }

    /// By stream and key.
    private var tallies: [StreamName: [Int32: Tally]] = [:]
    /// Where erasures are recorded: by stream and key, the last position.
    private var recorded: [StreamName: [Int32: GlobalPosition]] = [:]
    /// The position up to which the log was looked through.
    public internal(set) var through: GlobalPosition

    init(after position: GlobalPosition) { through = position }

    /// The streams, by name.
    public var streams: [StreamName: Stream] {
        tallies.mapValues { tallies in
            tallies.values.dropFirst().reduce(tallies.values.first?.stream) { $0?.merged(with: $1.stream) }
        }.compactMapValues(\.self)
    }

    /// Events that hold some, by type.
    public var types: [EventType: Int] {
        tallies.values.joined().reduce(into: [:]) { $0.merge($1.value.types, uniquingKeysWith: +) }
    }

    /// The keys that they are sealed with.
    var keys: Set<Int32> { Set(tallies.values.joined().map(\.key)) }

    /// All streams together.
    public var extent: SubjectErased.Extent {
        streams.values.reduce(into: SubjectErased.Extent()) { sum, stream in
            sum.events += stream.extent.events
            sum.values += stream.extent.values
            sum.bytes += stream.extent.bytes
        }
    }

    /// Position of the first event that holds some.
    public var first: GlobalPosition? { streams.values.map(\.first).min() }
    /// Position of the last one.
    public var last: GlobalPosition? { streams.values.map(\.last).max() }

    /// The names of the streams in byte order.
    public var names: [StreamName] { streams.keys.sorted { $0.rawValue < $1.rawValue } }

    /// SHA-256 over the names of the streams in byte order, each followed by a line feed.
    public var streamsDigest: ContentDigest { ContentDigest(of: names.flatMap { Array($0.rawValue.utf8) + [0x0a] }) }

    /// The streams in which the erasure is not recorded behind the last data.
    var unrecorded: [StreamName] {
        names.filter { name in
            tallies[name]?.contains { key, tally in
                recorded[name]?[key].map { $0 < tally.stream.last } ?? true
            } ?? false
        }
    }

    mutating func add(_ event: RecordedEvent, values: Int, bytes: Int, key: Int32) {
        let found = Stream(
            extent: SubjectErased.Extent(events: 1, values: values, bytes: bytes), first: event.position,
            last: event.position)
        let known = tallies[event.stream]?[key]
        var tally = Tally(stream: known?.stream.merged(with: found) ?? found, types: known?.types ?? [:])
        tally.types[event.type, default: 0] += 1
        tallies[event.stream, default: [:]][key] = tally
    }

    /// An erasure of the keys is recorded in a stream.
    mutating func note(recordOf keys: [Int32], in stream: StreamName, at position: GlobalPosition) {
        for key in keys { recorded[stream, default: [:]][key] = position }
    }

    /// An earlier erasure has recorded this already.
    mutating func forget(_ keys: some Sequence<Int32>, in stream: StreamName) {
        for key in keys { tallies[stream]?[key] = nil }
        if tallies[stream]?.isEmpty ?? false { tallies[stream] = nil }
    }
}

extension SubjectFindings.Stream {
    fileprivate func merged(with other: Self) -> Self {
        let extent = SubjectErased.Extent(
            events: extent.events + other.extent.events, values: extent.values + other.extent.values,
            bytes: extent.bytes + other.extent.bytes)
        return Self(extent: extent, first: min(first, other.first), last: max(last, other.last))
    }
}

/// Looks through the log for a subject, without decoding the data of events.
struct SubjectScan<Store: EventStore> {
    /// Tells how far it has come: the last position looked at.
    typealias Progress = @Sendable (GlobalPosition) -> Void

    let log: Store
    let workspace: Workspace
    let progress: Progress

    /// Where values of `subject` are that are sealed with one of the keys of `horizon`, each behind its position, and not on record as
    /// erased by an earlier erasure; and where `erasure` is recorded.
    func findings(
        of subject: DataSubject, behind horizon: [Int32: GlobalPosition], erasure: UUID?
    ) async throws(StoreError) -> SubjectFindings {
        let name = SealedScan.bytes(of: subject)
        let covered = horizon.filter { $0.value > .start }
        let start = horizon.values.min() ?? .start
        var findings = SubjectFindings(after: start)
        var scan = LogScan(log, after: start)
        while let batch = try await scan.next() {
            for event in batch where event.workspace == workspace {
                if let record = event.erasure(of: subject) {
                    if record.erasure == erasure {
                        findings.note(recordOf: record.keys, in: event.stream, at: event.position)
                    } else {
                        findings.forget(record.keys.filter { covered[$0] != nil }, in: event.stream)
                    }
                }
                for (key, found) in event.mentions(of: name, behind: horizon) {
                    findings.add(event, values: found.values, bytes: found.bytes, key: key)
                }
            }
            if let last = batch.last { findings.through = last.position }
            progress(findings.through)
        }
        return findings
    }

    /// The other subjects in the streams that share a sync key with `streams`, and in how many events each occurs. Workspaces are left out:
    /// their data belong to everybody.
    func linked(to subject: DataSubject, in streams: [StreamName]) async throws(StoreError) -> [DataSubject: Int] {
        let syncKeys = Set(streams.map(\.syncKey))
        guard !syncKeys.isEmpty else { return [:] }
        var found: [DataSubject: Int] = [:]
        var scan = LogScan(log, after: .start)
        while let batch = try await scan.next() {
            for event in batch where event.workspace == workspace && event.withData(SealedScan.hasAny(in:)) {
                guard syncKeys.contains(event.stream.syncKey) else { continue }
                for other in event.subjects where other != subject && !other.isWorkspace {
                    found[other, default: 0] += 1
                }
            }
            if let last = batch.last { progress(last.position) }
        }
        return found
    }
}

extension RecordedEvent {
    fileprivate func mentions(
        of name: [UInt8], behind horizon: [Int32: GlobalPosition]
    ) -> [Int32: (values: Int, bytes: Int)] {
        var found: [Int32: (values: Int, bytes: Int)] = [:]
        withData { data in
            SealedScan.forEach(in: data) { mention in
                guard let position = horizon[mention.generation], self.position > position,
                    mention.subject.elementsEqual(name)
                else { return }
                let known = found[mention.generation] ?? (0, 0)
                found[mention.generation] = (known.values + 1, known.bytes + mention.byteCount)
            }
        }
        return found
    }

    fileprivate var subjects: Set<DataSubject> {
        var subjects: Set<DataSubject> = []
        withData { data in
            SealedScan.forEach(in: data) { mention in
                guard let name = try? JSONValue(mention.subject).string, let subject = try? DataSubject(name) else {
                    return
                }
                subjects.insert(subject)
            }
        }
        return subjects
    }

    /// The erasure of `subject` that this event records. An event of this type that is not readable was written by something else, and
    /// records nothing.
    fileprivate func erasure(of subject: DataSubject) -> SubjectErased? {
        guard type == SubjectEvent.erasedType, case .erased(let event)? = try? SubjectEvent(self) else { return nil }
        return event.subject == subject ? event : nil
    }
}
