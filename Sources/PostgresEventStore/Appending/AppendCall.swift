import EventModel
import EventSourcing
import PostgresDriver

/// A batch of requests as one call of `lockstep.append`, and its answer.
struct AppendCall {
    private static let statement: PostgresStatement = """
        select request, outcome, position, version, ordinal, satisfied from lockstep.append(
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        """

    private let batch: [CheckedAppend]
    private let requests: PostgresArray
    private let workspaces: PostgresArray
    private let streams: PostgresArray
    private let expectations: PostgresArray
    private let counts: PostgresArray
    private let events: EventArrays

    /// Lays the batch out as binary arrays, copying each payload once.
    init(_ batch: [CheckedAppend], numbers: (EventKind) -> KindRegistry.Numbers) {
        self.batch = batch
        let parts = batch.reduce(0) { $0 + $1.request.partCount }
        var requests = PostgresArray(elementType: .int4, reservingCapacity: parts * 8)
        var workspaces = PostgresArray(elementType: .int4, reservingCapacity: parts * 8)
        var streams = PostgresArray(elementType: .text, reservingCapacity: parts * 64)
        var expectations = PostgresArray(elementType: .int8, reservingCapacity: parts * 12)
        var counts = PostgresArray(elementType: .int4, reservingCapacity: parts * 8)
        var events = EventArrays(
            count: batch.reduce(0) { $0 + $1.eventCount }, bytes: batch.reduce(0) { $0 + $1.byteCount })
        for (index, append) in batch.enumerated() {
            var workspace: Int32 = 0
            for part in append.request.streams {
                requests.append(int32: Int32(index + 1))
                streams.append(text: part.stream.rawValue)
                expectations.append(int64: part.expected.wireValue)
                counts.append(int32: Int32(part.events.count))
                let category = part.stream.category
                var kinds = LastKind()
                for (step, event) in part.events.enumerated() {
                    let found = kinds.numbers(append.request.workspace, category, event.type, numbers)
                    if step == 0 { workspaces.append(int32: found.workspace) }
                    workspace = found.workspace
                    events.append(event, part: requests.count, step: step + 1, kind: found.kind)
                }
            }
            // A check is a part without events, behind those that have some: the function judges it and stores nothing for it.
            for check in append.request.checks {
                requests.append(int32: Int32(index + 1))
                workspaces.append(int32: workspace)
                streams.append(text: check.stream.rawValue)
                expectations.append(int64: check.expected.wireValue)
                counts.append(int32: 0)
            }
        }
        self.requests = requests
        self.workspaces = workspaces
        self.streams = streams
        self.expectations = expectations
        self.counts = counts
        self.events = events
    }

    /// Calls the function. When an event id is known already, the index refuses and the careful form finds out what that means.
    func run(on connection: PostgresConnection) async throws(PostgresError) -> [Result<AppendOutcome, StoreError>] {
        do throws(PostgresError) {
            return try answers(in: try await connection.query(Self.statement, parameters(careful: false)))
        } catch  where error.sqlState == .uniqueViolation && error.constraint == "events_event_id" {
            return try answers(in: try await connection.query(Self.statement, parameters(careful: true)))
        }
    }

    private func parameters(careful: Bool) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.append(careful)
        for array in [requests, workspaces, streams, expectations, counts] { parameters.append(array) }
        events.append(to: &parameters)
        return parameters
    }

    /// One row per part; a request's answer is in its parts together.
    private func answers(in rows: PostgresResult) throws(PostgresError) -> [Result<AppendOutcome, StoreError>] {
        var answers: [Result<AppendOutcome, StoreError>] = []
        answers.reserveCapacity(batch.count)
        var row = 0
        for append in batch {
            let parts = row..<row + append.request.partCount
            answers.append(try answer(to: append, in: rows, parts))
            row = parts.upperBound
        }
        return answers
    }

    private func answer(
        to append: CheckedAppend, in rows: PostgresResult, _ parts: Range<Int>
    ) throws(PostgresError) -> Result<AppendOutcome, StoreError> {
        let first = try rows.int64(parts.lowerBound, 2)
        switch try rows.int16(parts.lowerBound, 1) {
        case 0: return .success(.appended(try receipt(append, first: first, in: rows, parts)))
        case 1: return .success(.repeated(try receipt(append, first: first, in: rows, parts)))
        case 2: return .success(.conflict(try conflict(append, in: rows, parts)))
        case 3:
            let event = try event(of: append, in: rows, parts)
            return .failure(.refused(.idReused(id: event.id, at: GlobalPosition(first))))
        default:
            let event = try event(of: append, in: rows, parts)
            return .failure(.refused(.partlyRepeated(known: Int(first), of: append.eventCount, firstKnown: event.id)))
        }
    }

    private func receipt(
        _ append: CheckedAppend, first: Int64, in rows: PostgresResult, _ parts: Range<Int>
    ) throws(PostgresError) -> AppendReceipt {
        var versions: [StreamVersion] = []
        versions.reserveCapacity(append.request.streams.count)
        for row in parts.prefix(append.request.streams.count) { versions.append(StreamVersion(try rows.int64(row, 3))) }
        let position = GlobalPosition(first)
        return AppendReceipt(first: position, last: position.advanced(by: append.eventCount - 1), versions: versions)
    }

    private func conflict(
        _ append: CheckedAppend, in rows: PostgresResult, _ parts: Range<Int>
    ) throws(PostgresError) -> VersionConflict {
        let expectations =
            append.request.streams.map { StreamCheck($0.stream, expecting: $0.expected) } + append.request.checks
        for (part, row) in zip(expectations, parts) where !(try rows.bool(row, 5)) {
            let version = try rows.int64(row, 3)
            return VersionConflict(
                stream: part.stream, expected: part.expected, actual: version == 0 ? nil : StreamVersion(version))
        }
        let part = append.request.streams[0]
        return VersionConflict(stream: part.stream, expected: part.expected, actual: nil)
    }

    /// The event that the answer's ordinal names: its place among all events of the batch, from 1.
    private func event(
        of append: CheckedAppend, in rows: PostgresResult, _ parts: Range<Int>
    ) throws(PostgresError) -> EventDraft {
        var ordinal = Int(try rows.int64(parts.lowerBound, 4))
        for candidate in batch {
            for part in candidate.request.streams {
                if ordinal <= part.events.count { return part.events[ordinal - 1] }
                ordinal -= part.events.count
            }
        }
        return append.request.streams[0].events[0]
    }
}

extension AppendRequest {
    /// What `lockstep.append` is told about it: streams with events, then streams that are only checked.
    fileprivate var partCount: Int { streams.count + checks.count }
}

/// Consecutive events mostly have the same type: remember the last look-up.
private struct LastKind {
    private var type: EventType?
    private var found = KindRegistry.Numbers(kind: 0, workspace: 0)

    mutating func numbers(
        _ workspace: Workspace, _ category: Category, _ type: EventType, _ numbers: (EventKind) -> KindRegistry.Numbers
    ) -> KindRegistry.Numbers {
        if self.type != type {
            self.type = type
            found = numbers(EventKind(workspace: workspace, category: category, type: type))
        }
        return found
    }
}

extension ExpectedVersion {
    /// How `lockstep.append` spells it.
    fileprivate var wireValue: Int64 {
        switch self {
        case .any: -2
        case .streamExists: -1
        case .noStream: 0
        case .exactly(let version): version.rawValue
        }
    }
}
