import EventModel
import FoundationEssentials

/// Tries a fold on samples: each alone, and behind others on the same row. Everything but the payload is fixed, so that the same fold makes
/// the same rows everywhere and always.
struct FoldTrial {
    private let projection: any Projection
    private let samples: [Staged]
    /// Whether samples are tried behind each other. Where the interest is open they are not: a type that is new must change nothing for
    /// the others.
    private let isClosed: Bool

    /// A sample in a stream of a category.
    private struct Staged {
        let name: String
        let sample: FoldSample
        let category: String
    }

    private typealias Rows = [RowKey: Row]

    init(of projection: some Projection, samples: [FoldSample]) {
        self.projection = projection
        let sorted = samples.sorted { ($0.type, $0.schemaVersion) < ($1.type, $1.schemaVersion) }
        switch projection.interest {
        case .types(let types):
            isClosed = true
            self.samples = Self.staged(sorted.filter { types.contains($0.type) }, for: types)
        case .all:
            isClosed = false
            self.samples = Self.staged(sorted, for: [])
        case .categories(let categories):
            isClosed = false
            let names = Set(categories.map(\.rawValue))
            self.samples = Self.staged(sorted, for: []).filter { names.contains($0.category) }
        }
    }

    /// What the fold makes of each sample: a digest by the sample's name.
    func digests() -> [String: String] {
        let alone = samples.map { after($0, at: 1, of: [:]) }
        let all = isClosed ? samples.indices.reduce(into: Rows()) { $0 = after(samples[$1], at: $1 + 1, of: $0) } : [:]
        return Dictionary(
            samples.map { staged in
                var content = DigestedContent()
                add(staged, at: 1, of: [:], to: &content)
                if isClosed {
                    for rows in alone { add(staged, at: 2, of: rows, to: &content) }
                    add(staged, at: samples.count + 1, of: all, to: &content)
                } else {
                    add(staged, at: 2, of: after(staged, at: 1, of: [:]), to: &content)
                }
                return (staged.name, content.shortDigest)
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Erasures stand in the streams of the data that is erased, so that they are tried in each of them.
    private static func staged(_ samples: [FoldSample], for types: Set<EventType>) -> [Staged] {
        let categories = Set(types.map(category)).union([SubjectEvent.category]).sorted()
        return samples.flatMap { sample in
            sample.type == SubjectEvent.erasedType
                ? categories.map { Staged(name: "\(sample.name) in \($0)", sample: sample, category: $0) }
                : [Staged(name: sample.name, sample: sample, category: category(sample.type))]
        }
    }

    private static func category(_ type: EventType) -> String { String(type.rawValue.prefix { $0 != "." }) }
}

extension FoldTrial {
    /// The rows after the event; as they were when it cannot be folded.
    private func after(_ staged: Staged, at position: Int, of rows: Rows) -> Rows {
        var rows = rows
        let event = Self.event(staged, at: position)
        do throws(ProjectionFault) {
            guard let key = try projection.key(of: event) else { return rows }
            rows[key] = try projection.fold(projection.table.isAppendOnly ? nil : rows[key], event)
        } catch {
            return rows
        }
        return rows
    }

    /// Writes down what the event makes of the rows before it: the key, and the values that are not as they were. What others have made of
    /// the row is theirs, so that a difference is told of the sample that makes it.
    private func add(_ staged: Staged, at position: Int, of rows: Rows, to content: inout DigestedContent) {
        let event = Self.event(staged, at: position)
        do throws(ProjectionFault) {
            guard let key = try projection.key(of: event) else { return content.add("no row concerned") }
            for (index, value) in zip(projection.table.keyIndices, key.values) where !isLane(index) {
                content.add(value)
            }
            let before = projection.table.isAppendOnly ? nil : rows[key]
            guard let row = try projection.fold(before, event) else { return content.add("no row left") }
            let known = before?.values ?? []
            for (index, value) in row.values.enumerated()
            where !isLane(index) && !(known.indices.contains(index) && known[index] == value) {
                content.add(Int64(index))
                content.add(value)
            }
        } catch {
            content.add("fault")
        }
    }

    /// How many lanes there are is a matter of the deployment: which of them keeps a row changes nothing that readers see.
    private func isLane(_ column: Int) -> Bool {
        projection.table.columns.indices.contains(column) && projection.table.columns[column].role == .lane
    }

    /// 2026-01-01T00:00:00Z; each position is an hour and a half later, so that hours are told apart.
    private static let beginning: Int64 = 1_767_225_600_000_000
    private static let pace: Int64 = 5_400_000_000

    private static func event(_ staged: Staged, at position: Int) -> RecordedEvent {
        let number = UInt8(truncatingIfNeeded: position)
        let time = Timestamp(microseconds: beginning + Int64(position) * pace)
        let kind = EventKind(
            trustingWorkspace: "sample", category: staged.category, type: staged.sample.type.rawValue)
        let fixed = EventBatchBuilder.Fixed(
            position: GlobalPosition(Int64(position)), version: StreamVersion(Int64(position)),
            id: UUID(uuid: (number, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 1)), kind: kind,
            schemaVersion: staged.sample.schemaVersion, occurredAt: Timestamp(microseconds: time.microseconds - pace),
            recordedAt: time, correlationID: UUID(uuid: (number, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 2)),
            causationID: nil)
        var builder = EventBatchBuilder(reservingEvents: 1, bytes: staged.sample.data.count)
        Array("\(staged.category)-sample".utf8).withUnsafeBytes { stream in
            Array("somebody".utf8).withUnsafeBytes { actor in
                staged.sample.data.withUnsafeBytes { data in
                    EventDraft.noMetadata.withUnsafeBytes { metadata in
                        builder.append(fixed, stream: stream, actor: actor, data: data, metadata: metadata)
                    }
                }
            }
        }
        return builder.finish()[0]
    }
}
