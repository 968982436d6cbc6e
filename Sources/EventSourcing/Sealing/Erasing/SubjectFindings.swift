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

    /// The streams, by name.
    public private(set) var streams: [StreamName: Stream] = [:]
    /// Events that hold some, by type.
    public private(set) var types: [EventType: Int] = [:]
    /// The position up to which the log was looked through.
    public internal(set) var through: GlobalPosition
    /// Where this erasure is recorded already, by stream: the last position.
    var recorded: [StreamName: GlobalPosition] = [:]

    init(after position: GlobalPosition) { through = position }

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
            guard let stream = streams[name], let recorded = recorded[name] else { return true }
            return recorded < stream.last
        }
    }

    mutating func add(_ event: RecordedEvent, values: Int, bytes: Int) {
        var stream = streams[event.stream] ?? Stream(first: event.position, last: event.position)
        stream.extent.events += 1
        stream.extent.values += values
        stream.extent.bytes += bytes
        stream.last = event.position
        streams[event.stream] = stream
        types[event.type, default: 0] += 1
    }
}

/// Looks through the log for a subject, without decoding the data of events.
struct SubjectScan<Store: EventStore> {
    /// Tells how far it has come: the last position looked at.
    typealias Progress = @Sendable (GlobalPosition) -> Void

    let log: Store
    let workspace: Workspace
    let progress: Progress

    /// Where values of `subject` are that are sealed with one of `keys`, and where `erasure` is recorded.
    func findings(
        of subject: DataSubject, keys: Set<Int32>, erasure: UUID?, after position: GlobalPosition = .start
    ) async throws(StoreError) -> SubjectFindings {
        let name = SealedScan.bytes(of: subject)
        var findings = SubjectFindings(after: position)
        var scan = LogScan(log, after: position)
        while let batch = try await scan.next() {
            for event in batch where event.workspace == workspace {
                if let erasure, event.type == SubjectEvent.erasedType, event.isRecord(of: erasure) {
                    findings.recorded[event.stream] = event.position
                }
                let (values, bytes) = event.mentions(of: name, keys: keys)
                if values > 0 { findings.add(event, values: values, bytes: bytes) }
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
    fileprivate func mentions(of name: [UInt8], keys: Set<Int32>) -> (values: Int, bytes: Int) {
        var (values, bytes) = (0, 0)
        withData { data in
            SealedScan.forEach(in: data) { mention in
                guard keys.contains(mention.generation), mention.subject.elementsEqual(name) else { return }
                values += 1
                bytes += mention.byteCount
            }
        }
        return (values, bytes)
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

    /// An event of this type that is not readable was written by something else, and records nothing.
    fileprivate func isRecord(of erasure: UUID) -> Bool {
        guard case .erased(let event)? = try? SubjectEvent(self) else { return false }
        return event.erasure == erasure
    }
}
