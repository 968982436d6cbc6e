import EventModel

/// Where personal data of a subject stand in the log unsealed, so that no erasure can destroy them: events cannot change.
public struct PlainFindings: Sendable, Equatable {
    /// Events that hold such data, by type.
    public private(set) var types: [EventType: Int] = [:]
    /// The streams that they are in.
    public private(set) var streams: Set<StreamName> = []
    /// Position of the first of them.
    public private(set) var first: GlobalPosition?
    /// Position of the last one.
    public private(set) var last: GlobalPosition?

    /// None.
    public init() {}

    /// How many events there are.
    public var events: Int { types.values.reduce(0, +) }

    mutating func add(_ event: RecordedEvent) {
        types[event.type, default: 0] += 1
        streams.insert(event.stream)
        first = first ?? event.position
        last = event.position
    }
}

/// Looks through the log for personal data of a subject that are not sealed.
///
/// There are two kinds: events of a schema version from before their type was sealed, and values at marked places that were stored
/// before the mark was there. Events are read for ever, and so are these.
public struct PlainDataScan<Store: EventStore>: Sendable {
    /// What is known of one type.
    private struct Marks: Sendable {
        /// The marked places by schema version.
        var versions: [Int32: [PersonalMark]] = [:]

        /// The marks of the first version that was sealed.
        var first: (version: Int32, marks: [PersonalMark])? {
            versions.min { $0.key < $1.key }.map { ($0.key, $0.value) }
        }
    }

    private let log: Store
    private let types: [EventType: Marks]
    private let workspace: Workspace
    private let progress: @Sendable (GlobalPosition) -> Void

    /// A scan.
    ///
    /// - Parameters:
    ///   - log: the log itself, not one that opens what it reads.
    ///   - marks: all marks, also those of types that are not Lockstep's own.
    ///   - progress: is told the last position that was looked at.
    public init(
        _ log: Store, marks: [PersonalMark], workspace: Workspace,
        progress: @escaping @Sendable (GlobalPosition) -> Void = { _ in }
    ) {
        self.log = log
        self.workspace = workspace
        self.progress = progress
        types = marks.reduce(into: [:]) {
            $0[$1.type, default: Marks()].versions[$1.schemaVersion, default: []].append($1)
        }
    }

    /// What the log holds of `subject` in plain.
    public func findings(of subject: DataSubject) async throws(StoreError) -> PlainFindings {
        var findings = PlainFindings()
        // A workspace's data and a person's are in different places: most types need not be read.
        let wanted = types.filter { $0.value.versions.values.joined().contains { Self.may($0, mean: subject) } }
        guard !wanted.isEmpty else { return findings }
        let names = wanted.keys.sorted { $0.rawValue < $1.rawValue }
        var scan = LogScan(log, .kinds(workspace: workspace, categories: [], types: names), after: .start)
        while let batch = try await scan.next() {
            for event in batch where try holds(event, subject) { findings.add(event) }
            if let last = batch.last { progress(last.position) }
        }
        return findings
    }

    private static func may(_ mark: PersonalMark, mean subject: DataSubject) -> Bool {
        switch mark.subject {
        case .workspace: subject.isWorkspace
        case .syncKey, .member: true
        }
    }

    private func holds(_ event: RecordedEvent, _ subject: DataSubject) throws(StoreError) -> Bool {
        guard let marks = types[event.type], let first = marks.first else { return false }
        if let places = marks.versions[event.schemaVersion] {
            return try hasPlain(event, places.filter { Self.may($0, mean: subject) }, subject)
        }
        // Of a version from before the first one that is sealed nothing is sealed; whose it is the marks of that one say.
        guard event.schemaVersion < first.version else { return false }
        let payload = try BatchOpening.value(of: event)
        return first.marks.contains { Self.subject(of: $0.subject, in: payload, event) == subject }
    }

    private func hasPlain(
        _ event: RecordedEvent, _ marks: [PersonalMark], _ subject: DataSubject
    ) throws(StoreError) -> Bool {
        guard !marks.isEmpty else { return false }
        let payload = try BatchOpening.value(of: event)
        var isFound = false
        _ = MarkedPlaces(marks).replacing(in: payload) { (value, owner, _) throws(Never) in
            if !value.isHidden, Self.subject(of: owner, in: payload, event) == subject { isFound = true }
            return value
        }
        return isFound
    }

    private static func subject(
        of owner: PersonalMark.Subject, in payload: JSONValue, _ event: RecordedEvent
    ) -> DataSubject? {
        try? owner.resolved(in: payload, stream: event.stream, workspace: event.workspace)
    }
}
